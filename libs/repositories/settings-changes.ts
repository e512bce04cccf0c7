import { type RepositorySettings } from './repository.js';

/**
 * What differs between two settings, for the audit log: before and after. A command may hold passwords, so of that it
 * says only that it was changed.
 */
export function settingsChanges(before: RepositorySettings, after: RepositorySettings): Record<string, unknown> {
  const fields = ['sourceFolder', 'delay', 'holdBack', 'schedule', 'editions'] as const;
  const changes = fields
    .filter((field) => String(before[field]) !== String(after[field]))
    .map((field) => [field, { from: before[field] ?? null, to: after[field] ?? null }] as const);
  return { ...Object.fromEntries(changes), ...(before.command === after.command ? {} : { command: 'changed' }) };
}
