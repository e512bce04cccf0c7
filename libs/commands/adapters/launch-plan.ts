/** What this machine offers, found out once by `probeCapabilities`. Paths are absolute: the command's own `PATH` must not matter. */
export interface LaunchCapabilities {
  /** setpriv(1) that knows `--pdeathsig`: the kernel ends the launcher when we die. */
  readonly setpriv?: string;
  /** flock(1) that knows `-F`: the lock is inherited by the whole process tree. */
  readonly flock?: string;
  /**
   * unshare(1) that may make a PID namespace: the kernel ends the whole tree with its first process, and, where it may
   * mount too, shows the tree no other process.
   */
  readonly unshare?: { readonly file: string; readonly args: readonly string[] };
}

export interface LaunchPlan {
  readonly file: string;
  readonly args: readonly string[];
  /** False: who starts the plan looks for an earlier holder himself, and hands the open lock file on. */
  readonly locks: boolean;
}

/** flock's own exit code for "somebody else holds the lock". It counts only while the command has not been started. */
export const LOCKED_EXIT_CODE = 75;

/** What the script writes to `CONTROL_FD` just before the command starts. */
export const STARTED = 'started';

/** Beside stdin, stdout and stderr: a socket that ends when we do. */
export const CONTROL_FD = 3;

/**
 * Ends the whole process group as soon as our end of the socket is closed, by whatever way we went. The kernel does so
 * too, but only if we die after setpriv and unshare have told it to: who is killed while he starts them is not noticed.
 */
const WATCHDOG = `(trap '' TERM; read -r _; kill -KILL 0) <&3 >/dev/null 2>&1 &`;

/**
 * Runs as the first process of the tree, hence in a PID namespace as its init: it outlives SIGTERM, so that the command may
 * end in its own way, and reaps what the command leaves behind. The command itself is an argument and never part of the script.
 */
const SCRIPT = ['trap : TERM', WATCHDOG, `echo ${STARTED} >&3`, '/bin/sh -c "$1" 3<&-', 'exit $?'].join('\n');

const PID_NAMESPACE = ['--pid', '--fork', '--kill-child=KILL'];
/**
 * The tree's own /proc: in ours it could read what stands in the environment and memory of our processes (trust T-70).
 * What is mounted and unmounted meanwhile outside is seen inside all the same.
 */
const OWN_PROC = ['--mount-proc', '--propagation', 'slave'];
const USER_NAMESPACE = ['--user', '--map-current-user'];

/** Ways to make a PID namespace, best first: root may just do it, others need a user namespace around it. */
export const UNSHARE_VARIANTS: readonly (readonly string[])[] = [
  [...PID_NAMESPACE, ...OWN_PROC],
  PID_NAMESPACE,
  [...USER_NAMESPACE, ...PID_NAMESPACE, ...OWN_PROC],
  [...USER_NAMESPACE, ...PID_NAMESPACE],
];

/**
 * How to start a command so that its whole tree ends with it and with us, sees none of our processes, and an orphan keeps
 * the lock:
 *
 *     setpriv --pdeathsig KILL → flock → unshare --pid --mount-proc → sh (script) → sh -c command
 *
 * Each tool is left out when the machine lacks it. What is weaker then:
 * - without setpriv or the namespace, only a watchdog in the process group ends the group when we die. It can be killed itself;
 * - without the namespace, a process that left the group (`setsid`) outlives our sudden death. On Linux it is found by the
 *   mark that it has inherited and ended after a run that we saw to its end; else its lock keeps the next run from starting;
 * - without the namespace, or where nothing may be mounted (some containers), the command can read the environment of our
 *   processes when it runs as their user;
 * - without flock, the look for such a process and the start are two steps. Leases keep other workers away in between.
 */
export function launchPlan(
  { setpriv, flock, unshare }: LaunchCapabilities,
  request: { readonly command: string; readonly lockFile: string },
): LaunchPlan {
  const [file = '', ...args] = [
    ...(setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL']),
    ...(flock === undefined ? [] : [flock, '-F', '-n', '-E', String(LOCKED_EXIT_CODE), request.lockFile]),
    ...(unshare === undefined ? [] : [unshare.file, ...unshare.args]),
    ...['/bin/sh', '-c', SCRIPT, 'parceler', request.command],
  ];
  return { file, args, locks: flock !== undefined };
}
