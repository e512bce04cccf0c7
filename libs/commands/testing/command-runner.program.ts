import { ChildProcessRunner } from '../adapters/child-process-runner.js';
import { type LaunchCapabilities } from '../adapters/launch-plan.js';
import { probeCapabilities } from '../adapters/probe-capabilities.js';
import { type CommandRequest } from '../run-command.js';

/** Runs one command, and tells on stdout how it ended and how much memory that took. */
async function main(given: LaunchCapabilities | 'probed', request: Omit<CommandRequest, 'signal' | 'onOutput'>) {
  const runner = new ChildProcessRunner(given === 'probed' ? await probeCapabilities() : given);
  const before = process.memoryUsage.rss();
  let peak = before;
  const onOutput = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const result = await runner.run({ ...request, signal: new AbortController().signal, onOutput });
  process.stdout.write(
    `${JSON.stringify({ ...result, grownBytes: peak - before, capabilities: runner.capabilities })}\n`,
  );
}

const [, , capabilities = '"probed"', request = '{}'] = process.argv;
void main(JSON.parse(capabilities) as LaunchCapabilities, JSON.parse(request) as CommandRequest);
