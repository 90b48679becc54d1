"""The statements of the floor, by hand: those our adapters send for the same requests."""

CREDENTIAL = b"""
select c.id, c.kind, c.digest, c.workspace_id, c.user_id, c.conversation_id, c.name, c.permissions, c.created_at,
  c.expires_at, c.ends_at, c.last_used_at, c.revoked_at, w.active and w.suspended_at is null, u.id, u.name,
  u.administrator,
  (
    select jsonb_object_agg(m.workspace_id, jsonb_build_array(m.role, place.suspended_at is not null))
    from members m join workspaces place on place.id = m.workspace_id
    where m.user_id = u.id and (c.workspace_id is null or m.workspace_id = c.workspace_id)
  ) as roles
from credentials c
left join workspaces w on w.id = c.workspace_id
left join users u on u.id = c.user_id and u.deactivated_at is null and u.deleted_at is null
where c.id = %(id)s
"""
MESSAGES = b"""
select id, conversation_id, position, role, author_type, author_id, author_name, content, status, run_id, metadata,
  created_at, blanked_at
from messages where conversation_id = %(id)s and position > %(position)s order by position limit %(most)s
"""
CONVERSATION = b"""
select page.*, last.* from (
  select id, workspace_id, kind, channel, external_id, status, handled_by, handler_type, handler_id, handler_name,
    visitor_name, visitor_email, tags, minutes_saved, message_count, waiting_since, version, created_at, updated_at,
    closed_at, user_id
  from conversations where id = %(id)s
) page left join lateral (
  select role, left(content, 1000) as content, created_at as at from messages m
  where m.conversation_id = page.id order by position desc limit 1
) last on true
"""
LOCK_CONVERSATION = b"""
select id, workspace_id, message_count, turns, version, kind, channel, external_id, status, handled_by, handler_type,
  handler_id, handler_name, visitor_name, visitor_email, tags, minutes_saved, waiting_since, unanswered_since,
  created_at, updated_at, closed_at, user_id, indexed_messages
from conversations where id = %(id)s for no key update
"""
ACTIVE_RUNS = b"""
select id, turn, status, attempt, message_id, reply_message_id, job_id, text, steps, created_at
from runs where conversation_id = %(id)s and status in ('queued', 'running') order by turn
"""
ADD_MESSAGE = b"""
insert into messages (id, workspace_id, conversation_id, position, turn, role, author_type, author_id, author_name,
  content, status, metadata, created_at)
values (%(id)s, %(workspace_id)s, %(conversation_id)s, %(position)s, %(turn)s, 'visitor', 'visitor',
  %(conversation_id)s, 'Visitor', %(content)s, 'complete', '{}', %(at)s)
"""
SAVE_CONVERSATION = b"""
update conversations set version = version + 1, message_count = %(count)s, turns = %(turns)s, updated_at = %(at)s,
  unanswered_since = coalesce(unanswered_since, %(at)s)
where id = %(id)s and version = %(version)s
"""
ADD_RUN = b"""
insert into runs (id, workspace_id, conversation_id, turn, message_id, reply_message_id, job_id, status, attempt, text,
  last_sequence, steps, cut, origin, created_at)
values (%(id)s, %(workspace_id)s, %(conversation_id)s, %(turn)s, %(message_id)s, %(reply_id)s, %(job_id)s, 'queued', 0,
  '', 0, '[]', false, %(origin)s, %(at)s)
"""
ADD_JOB = b"""
insert into jobs (id, type, payload, workspace_id, subject_type, subject_id, status, progress, attempt, failures,
  max_attempts, lane, run_at, cancel_asked, created_at)
values (%(job_id)s, 'generate_reply', %(payload)s, %(workspace_id)s, 'run', %(id)s, 'queued', 0, 0, 0, 4, %(lane)s,
  least(%(at)s, now()), false, %(at)s)
on conflict (type, unique_key) where status in ('queued', 'running') do nothing
"""
ADD_ACTIVITY = b"""
with head as (
  insert into activity_heads as h (workspace_id, number) values (%(workspace_id)s, cardinality(%(types)s::text[]))
  on conflict (workspace_id) do update set number = h.number + excluded.number
  returning number
)
insert into activity (workspace_id, number, type, actor_type, actor_id, subject_type, subject_id, at,
  causation_id, data)
select %(workspace_id)s, head.number - cardinality(%(types)s::text[]) + e.place, e.type, e.actor_type, e.actor_id,
  e.subject_type, e.subject_id, e.at, %(cause)s::text, e.data::jsonb
from head, unnest(%(types)s::text[], %(actor_types)s::text[], %(actor_ids)s::uuid[],
  %(subject_types)s::text[], %(subject_ids)s::uuid[], %(times)s::timestamptz[], %(data)s::text[]) with ordinality
  as e (type, actor_type, actor_id, subject_type, subject_id, at, data, place)
"""
FIND_KEY = b"""
select digest, answer from idempotency_keys
where scope = %(scope)s and key = %(key)s and created_at >= now() - interval '24 hours'
"""
TAKE_KEY = b"""
insert into idempotency_keys (scope, key, digest, created_at) values (%(scope)s, %(key)s, %(digest)s, %(at)s)
on conflict (scope, key) do update set digest = excluded.digest, answer = null, created_at = excluded.created_at
where idempotency_keys.created_at < excluded.created_at - interval '24 hours'
"""
KEEP_ANSWER = b"""
update idempotency_keys set answer = %(answer)s, conversation_id = %(conversation)s
where scope = %(scope)s and key = %(key)s
"""
