/** How a command ended that did its own work well: 0, unless what it looked at was not well. */
export class Outcome {
  exitCode = 0;
}
