export const commands = 'commands';
