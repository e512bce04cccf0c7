import Table from 'cli-table3'; // breaks: terminal-in-the-cli

export const seen = Table;
