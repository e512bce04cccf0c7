/** What asks a program to end in order: a service manager, Ctrl-C, and the end of the terminal it was started from. */
export const ENDING_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const satisfies readonly NodeJS.Signals[];
