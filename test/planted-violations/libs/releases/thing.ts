export const releases = 'releases';
