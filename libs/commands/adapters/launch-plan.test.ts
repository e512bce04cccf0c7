import { type LaunchCapabilities, launchPlan } from './launch-plan.js';

const setpriv = '/bin/setpriv';
const flock = '/bin/flock';
const unshare = { file: '/bin/unshare', args: ['--pid'] };
const request = { command: `echo "$(id)"; 'x`, lockFile: '/locks/debian lock' };

const SETPRIV = ['/bin/setpriv', '--pdeathsig', 'KILL'];
const FLOCK = ['/bin/flock', '-F', '-n', '-E', '75', '/locks/debian lock'];
const UNSHARE = ['/bin/unshare', '--pid'];

describe('launchPlan', () => {
  it.each<[string, LaunchCapabilities, string[]]>([
    ['everything', { setpriv, flock, unshare }, [...SETPRIV, ...FLOCK, ...UNSHARE]],
    ['no namespaces (most containers)', { setpriv, flock }, [...SETPRIV, ...FLOCK]],
    ['no setpriv', { flock, unshare }, [...FLOCK, ...UNSHARE]],
    ['no flock', { setpriv, unshare }, [...SETPRIV, ...UNSHARE]],
    ['nothing (macOS)', {}, []],
  ])('starts with %s', (_, capabilities, launcher) => {
    const plan = launchPlan(capabilities, request);
    const whole = [plan.file, ...plan.args];
    expect(whole.slice(0, launcher.length)).toEqual(launcher);
    const [shell, option, script, ...args] = whole.slice(launcher.length);
    expect([shell, option]).toEqual(['/bin/sh', '-c']);
    expect(script).toContain('kill -KILL 0');
    expect(args).toEqual(['parceler', request.command]);
    expect(plan.locks).toBe(capabilities.flock !== undefined);
  });

  it('never puts the command or the lock file into the script (T-68)', () => {
    const script = (command: string, lockFile: string) => launchPlan({}, { command, lockFile }).args[1];
    expect(script('$(touch /tmp/x)', '`y`')).toBe(script('true', 'z'));
  });
});
