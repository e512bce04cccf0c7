export const repositories = 'repositories';
