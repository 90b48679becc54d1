const NOUNS = [
  ["conversation", "Conversations", true],
  ["workspace", "The workspace and its knowledge", true],
  ["service", "Services", true],
  ["document", "Documents and search", true],
  ["memory", "Memories", true],
  ["connector", "Booking pages", true],
  ["webhook", "The webhook", true],
  ["job", "Jobs", true],
  ["member", "Members and invitations", true],
  ["key", "Keys", true],
  ["activity", "Activity", false],
  ["usage", "Usage", false],
];

/** What a key of a workspace can be given, with words for it. */
export const PERMISSIONS = [
  ...NOUNS.flatMap(([noun, words, written]) => [
    [`${noun}:read`, `${words}: read`],
    ...(written ? [[`${noun}:write`, `${words}: change`]] : []),
  ]),
  ["inbound:write", "Messages of visitors: bring in"],
  ["audit:read", "The audit: read (owners)"],
  ["ownership:write", "Ownership: change (owners)"],
];
