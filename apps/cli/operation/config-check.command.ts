import { Command } from 'nest-commander';

import { type Config } from '#libs/config/config.js';

import { described, ShowingCommand, type JsonOption } from '../parceler-command.js';

const MASK = '(set)';

@Command(described('config:check'))
export class ConfigCheckCommand extends ShowingCommand {
  run(_: string[], { json = false }: JsonOption): Promise<void> {
    const view = configView(this.context.parts.config());
    if (json) this.terminal.json(view);
    else this.terminal.facts(Object.fromEntries(leaves(view)));
    return Promise.resolve();
  }
}

/** Everything in force; of secrets only that they are set. */
const configView = (config: Config) => ({
  ...config,
  app: { ...config.app, key: MASK },
  sync: { ...config.sync, environmentValues: Object.keys(config.sync.environmentValues) },
  entitlement: {
    ...config.entitlement,
    enterprise: { ...config.entitlement.enterprise, endpoint: withoutPassword(config.entitlement.enterprise.endpoint) },
    community: { ...config.entitlement.community, endpoint: withoutPassword(config.entitlement.community.endpoint) },
  },
});

function withoutPassword(address: URL | undefined): string | undefined {
  if (address === undefined) return undefined;
  const shown = new URL(address);
  shown.password &&= '…';
  return shown.href;
}

/** `http.port` → `8080`, for each value that is set. */
function leaves(value: object, path = ''): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (inner === undefined) return [];
    return isNested(inner) ? leaves(inner, at) : [[at, leafText(inner)] as const];
  });
}

const isNested = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof URL);

function leafText(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  if (value instanceof URL) return value.href;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
