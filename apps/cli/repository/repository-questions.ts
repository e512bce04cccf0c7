import { Inject } from '@nestjs/common';
import { Question, QuestionSet, ValidateFor } from 'nest-commander';

import { isAppError, messageOf } from '#libs/kernel/errors.js';
import { freeName } from '#libs/repositories/free-name.js';
import {
  DEFAULT_SETTINGS,
  parseCommand,
  parseDelay,
  parseSourceFolder,
} from '#libs/repositories/repository-settings.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';

import { COMMAND_CONTEXT, type CommandContext } from '../parceler-command.js';

/** What is wrong with an answer, in the words of the rule that will refuse it; asked again until nothing is. */
const checkedBy =
  (rule: (text: string) => unknown) =>
  async (text: string): Promise<true | string> => {
    try {
      await rule(text);
      return true;
    } catch (error) {
      return isAppError(error) ? [error.message, error.hint].filter(Boolean).join(' ') : messageOf(error);
    }
  };

/** What `repository:create` asks on a terminal, for what the options left open. */
@QuestionSet({ name: 'repository' })
export class RepositoryQuestions {
  constructor(@Inject(COMMAND_CONTEXT) private readonly context: CommandContext) {}

  @Question({ name: 'name', message: 'Name (as it stands in URLs):' })
  name(answer: string): string {
    return answer;
  }

  @ValidateFor({ name: 'name' })
  async validateName(answer: string): Promise<true | string> {
    const repositories = await this.context.parts.get(REPOSITORY_STORE);
    return checkedBy((text) => freeName(repositories, text))(answer);
  }

  @Question({ name: 'command', message: 'Sync command (fills $SOURCE_DIR):', validate: checkedBy(parseCommand) })
  command(answer: string): string {
    return answer;
  }

  @Question({
    name: 'sourceFolder',
    message: 'Folder of the source to publish (empty: all):',
    validate: checkedBy(parseSourceFolder),
  })
  sourceFolder(answer: string): string {
    return answer;
  }

  @Question({
    name: 'delay',
    message: 'Days to hold new files back:',
    default: String(DEFAULT_SETTINGS.delay),
    validate: checkedBy(parseDelay),
  })
  delay(answer: string): string {
    return answer;
  }

  @Question({ name: 'sync', type: 'confirm', message: 'Sync now?', default: true })
  sync(answer: boolean): boolean {
    return answer;
  }
}
