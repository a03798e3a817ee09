import type { MigrationTemplate } from '../../services/common/sql/ddl.ts'

/** Makes the index of skills one by places, and gives everything that belongs to a skill its table. */
export const skillMigration: MigrationTemplate = {
  name: 'skills by their places, with all that belongs to a skill',
  sql: `
-- skills_seq: how often a row of the index was written
alter table tenants add column skills_seq INT not null default 0;

-- path: of the SKILL.md, kept when a directory above it gets another name
-- tier: whose skills are looked for there; '' if none are
-- changed_seq: the tenant's skills_seq when the row was written
alter table skills add column path TEXT not null default '';
alter table skills add column tier TEXT not null default '';
alter table skills add column changed_seq INT not null default 0;
update skills set path = coalesce((with recursive up (parent_id, path) as (
  select n.parent_id, '/' || n.name from nodes n where n.tenant = skills.tenant and n.node_id = skills.node_id
  union all
  select p.parent_id, '/' || p.name || u.path
  from up u join nodes p on p.tenant = skills.tenant and p.node_id = u.parent_id)
  select u.path from up u where u.parent_id = ''), '');
update skills set tier = case
  when path like '/tenant:%/user:%/skill/%/SKILL.md' and path not like '/tenant:%/user:%/%/%/%/%' then 'personal'
  when path like '/tenant:%/skill/%/SKILL.md' and path not like '/tenant:%/%/%/%/%' then 'tenant'
  when path like '/skill/%/SKILL.md' and path not like '/skill/%/%/%' then 'system'
  else '' end;
create index skills_path on skills (tenant, path);
create index skills_place on skills (tenant, path) where tier <> '';

-- The words of a SKILL.md below its front matter, with how often they stand there.
create table skill_terms (
  tenant TEXT not null,
  node_id TEXT not null,
  term TEXT not null,
  uses INT not null,
  primary key (tenant, node_id, term)
END_TABLE;

-- What follows hangs on the node of the SKILL.md, so that it follows the skill when that is renamed, and goes with it.

-- Where a skill comes from, as far as it was made from another one here. kind: fork, publish
create table skill_lineage (
  tenant TEXT not null,
  node_id TEXT not null,
  kind TEXT not null,
  source_tenant TEXT not null,
  source_node_id TEXT not null,
  source_name TEXT not null,
  source_path TEXT not null,
  source_version TEXT,
  source_etag TEXT not null,
  made_at INT not null,
  made_by TEXT not null,
  primary key (tenant, node_id)
END_TABLE;

-- How often a skill was used, by the kind of use. Counted in batches.
create table skill_uses (
  tenant TEXT not null,
  node_id TEXT not null,
  kind TEXT not null,
  uses INT not null,
  last_used_at INT not null,
  primary key (tenant, node_id, kind)
END_TABLE;

-- tenant, node_id: the skill; the subject may be of another tenant
create table skill_subscriptions (
  subject_tenant TEXT not null,
  subject TEXT not null,
  tenant TEXT not null,
  node_id TEXT not null,
  created_at INT not null,
  primary key (subject_tenant, subject, tenant, node_id)
END_TABLE;
create index skill_subscriptions_skill on skill_subscriptions (tenant, node_id);

-- etag: over the whole directory of the skill as it was submitted. status: pending, approved, rejected
create table skill_approvals (
  tenant TEXT not null,
  approval_id TEXT not null,
  node_id TEXT not null,
  skill_name TEXT not null,
  etag TEXT not null,
  status TEXT not null,
  submitted_by TEXT not null,
  submitted_at INT not null,
  reviewers TEXT not null,
  comments TEXT,
  reviewed_by TEXT,
  reviewer_type TEXT,
  reviewed_at INT,
  review_comments TEXT,
  primary key (tenant, approval_id)
END_TABLE;
create index skill_approvals_skill on skill_approvals (tenant, node_id, submitted_at);
create index audit_path on audit (tenant, path, at);
`,
}

/** Lets lists find out from an index alone which of the skills that they know are still as they were. */
export const skillPlacesMigration: MigrationTemplate = {
  name: 'places of skills with what tells that they changed',
  sql: `
drop index skills_place;
create index skills_place on skills (tenant, path, node_id, changed_seq) where tier <> '';
`,
}
