const ROLES = [
  ["viewer", "Viewer: looks, and changes nothing"],
  ["member", "Member: works with conversations"],
  ["admin", "Admin: also settings, members and keys"],
  ["owner", "Owner: everything, owners too"],
];

/** What somebody of this role can make others, the least trusted first: only owners make owners. */
export function rolesOf(role) {
  return role === "owner" ? ROLES : ROLES.filter(([value]) => value !== "owner");
}

export function roleName(role) {
  return role[0].toUpperCase() + role.slice(1);
}
