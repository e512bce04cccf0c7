import { type MigrationInterface, type QueryRunner } from 'typeorm';

import { dialectOf } from './dialect.js';

const TABLES = [
  'generations',
  'verdicts',
  'systems',
  'run_logs',
  'runs',
  'garbage_marks',
  'unread_indexes',
  'package_versions',
  'file_versions',
  'snapshots',
  'disks',
  'repositories',
  'leases',
  'installation',
  'audit',
];

export class Initial1795000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { id, int, text, functions } = dialectOf(runner);
    const statements = [
      ...Object.values(functions),

      `create table audit (
         id ${id}, at ${int} not null, actor ${text} not null, action ${text} not null, subject ${text} not null,
         reason ${text}, details ${text})`,
      `create index audit_subject on audit (subject, id)`,

      `create table installation (name ${text} primary key, value ${text} not null)`,

      `create table leases (
         name ${text} primary key, owner ${text}, token ${int} not null, expires_at ${int} not null)`,

      `create table repositories (
         id ${id}, name ${text} not null unique, command ${text} not null, source_folder ${text}, delay ${int} not null,
         hold_back ${text} not null, schedule ${text}, editions ${text} not null, frozen_snapshot ${text},
         frozen_at ${int}, frozen_reason ${text}, frozen_until ${int}, created_at ${int} not null, deleted_at ${int},
         last_sequence ${int} not null default 0, milestone_sequence ${int}, milestone_at ${int})`,

      `create table snapshots (
         repository_id ${int} not null references repositories (id), sequence ${int} not null, id ${text} not null,
         state ${text} not null, state_since ${int} not null, taken_at ${int} not null, files ${int} not null,
         bytes ${int} not null, added ${int} not null, changed ${int} not null, removed ${int} not null,
         manifest_sha256 ${text} not null, note ${text}, run_id ${int},
         primary key (repository_id, sequence), unique (repository_id, id))`,

      // A file version stands in the snapshots whose sequence is in [added_in, removed_in).
      `create table file_versions (
         repository_id ${int} not null references repositories (id), path ${text} not null, added_in ${int} not null,
         removed_in ${int}, sha256 ${text} not null, size ${int} not null, mtime ${int} not null,
         primary key (repository_id, path, added_in))`,
      // For clearing out. Versions that are still there are left out, so that publishing them stays fast.
      `create index file_versions_removed on file_versions (repository_id, removed_in) where removed_in is not null`,

      // The same for what the indexes in the snapshots name.
      `create table package_versions (
         id ${id}, repository_id ${int} not null references repositories (id), index_path ${text} not null,
         name ${text} not null, version ${text} not null, arch ${text} not null, path ${text}, added_in ${int} not null,
         removed_in ${int})`,
      `create index package_versions_name on package_versions (repository_id, name, added_in, removed_in)`,
      `create index package_versions_index on package_versions (repository_id, index_path)`,
      `create index package_versions_path on package_versions (repository_id, path) where path is not null`,
      `create index package_versions_removed on package_versions (repository_id, removed_in) where removed_in is not null`,
      `create table unread_indexes (
         repository_id ${int} not null references repositories (id), index_path ${text} not null, added_in ${int} not null,
         removed_in ${int}, reason ${text} not null, primary key (repository_id, index_path, added_in))`,

      `create table disks (name ${text} primary key, marker_id ${text} not null)`,

      `create table garbage_marks (sha256 ${text} primary key, marked_at ${int} not null)`,

      `create table runs (
         id ${id}, kind ${text} not null, repository ${text} not null, state ${text} not null,
         options ${text}, requested_by ${text} not null, requested_at ${int} not null, started_at ${int}, finished_at ${int},
         attempt ${int} not null default 0, stops ${int} not null default 0, step ${text}, snapshot ${text},
         added ${int}, changed ${int}, removed ${int}, error_code ${text}, error ${text}, open_key ${text} unique, due_key ${text} unique)`,
      `create index runs_repository on runs (repository, id)`,
      `create index runs_finished on runs (finished_at)`,

      `create table run_logs (
         run_id ${int} not null references runs (id) on delete cascade, part ${int} not null, content ${text} not null,
         primary key (run_id, part))`,

      `create table systems (
         id ${text} not null, edition ${text} not null, secret_hash ${text} not null, valid_until ${int},
         revoked_at ${int}, created_at ${int} not null, primary key (id, edition))`,

      // Only yeses. Keyed by a keyed hash of edition, id and secret; system_key, a keyed hash of the id alone, serves system:forget.
      `create table verdicts (
         key ${text} primary key, system_key ${text} not null, checked_at ${int} not null,
         fresh_until ${int} not null, usable_until ${int} not null, valid_until ${int})`,
      `create index verdicts_system on verdicts (system_key)`,
      `create index verdicts_usable on verdicts (usable_until)`,

      // Grows whenever verdicts that processes keep in memory must be dropped.
      `create table generations (name ${text} primary key, value ${int} not null)`,
      `insert into generations (name, value) values ('entitlement', 1)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`drop table ${table}`);
    for (const name of Object.keys(dialectOf(runner).functions)) await runner.query(`drop function ${name}`);
  }
}
