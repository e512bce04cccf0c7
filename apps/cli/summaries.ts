/** One line per command, for the overview and for the command's own help. */
export const SUMMARIES = {
  'repository:create': 'register a repository; asks for what it needs when no options give it',
  'repository:list': 'all repositories, what each serves and its last sync',
  'repository:show': 'one repository with its settings and state',
  'repository:update': 'change settings of a repository',
  'repository:delete': 'stop serving a repository and remove its content',
  'repository:sync': 'bring repositories up to date with upstream, then snapshot',
  'repository:freeze': 'pin what clients get to one snapshot',
  'repository:unfreeze': 'let time decide again what clients get',
  'repository:milestone': 'sync, and serve what comes of it at once; also repository:release',
  'repository:rollback': 'go back to what was served before, and stay there',
  'repository:files': 'the files being served, one per line',
  'repository:snapshots': 'the snapshots of a repository, which one is served and why',
  'repository:diff': 'what one snapshot has that another one has not: packages, and other files',
  'repository:find': 'in which snapshots a package is, and when clients get it',
  'snapshot:delete': 'remove a snapshot; the next one takes over',
  'snapshot:restore': 'bring a superseded snapshot back',
  'snapshot:verify': 'read every file of a snapshot again and compare hashes',
  'snapshot:export': 'write a snapshot out as a plain folder',
  'run:list': 'syncs that ran, run or wait',
  'run:show': 'one run with its outcome and counts',
  'run:log': 'what the sync command of a run printed',
  'run:cancel': 'stop a run that waits or works',
  'system:add': 'register an appliance; its secret is shown once',
  'system:list': 'the registered appliances',
  'system:revoke': 'stop serving an appliance',
  'system:forget': "drop what is remembered of an appliance's licence",
  'schedule:list': 'when what is due next',
  'schedule:run': 'queue what is due now, once',
  'queue:work': 'work on queued jobs',
  'queue:failed': 'jobs that used up their attempts',
  'queue:retry': 'give failed jobs another chance',
  'garbage:collect': 'remove content that no snapshot needs any more',
  serve: 'run api, scheduler and worker together',
  down: 'turn every request away and begin nothing new, until up',
  up: 'go on after down',
  backup: 'copy database and manifests while everything runs',
  restore: 'put a backup in the place of what there is',
  'import:parceler': 'take over the repositories and snapshots of an original Parceler',
  migrate: 'bring the database schema up to date',
  'key:generate': 'make an APP_KEY',
  'key:adopt': 'go on with another APP_KEY, when the old one is lost',
  'config:check': 'check the configuration and show it, secrets masked',
  doctor: 'look for what is wrong between disk, database and configuration',
} as const;

export type CommandName = keyof typeof SUMMARIES;

/** Other names of commands. */
const ALIASES: Readonly<Record<string, CommandName>> = { 'repository:release': 'repository:milestone' };

/** The command that somebody means by that name. */
export const withoutAlias = (name: string): string => ALIASES[name] ?? name;

export const isCommandName = (text: string): text is CommandName => Object.hasOwn(SUMMARIES, text);
