/** Whether a version stands in the list of the sequence that is this parameter. */
export const isInAt = (parameter: string): string =>
  `version.addedIn <= :${parameter} and (version.removedIn is null or version.removedIn > :${parameter})`;
