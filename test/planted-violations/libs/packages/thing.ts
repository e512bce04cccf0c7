export const packages = 'packages';
