import { Question, QuestionSet } from 'nest-commander';

import { messageOf } from '#libs/kernel/errors.js';
import { repositoryName } from '#libs/kernel/ids.js';
import {
  DEFAULT_SETTINGS,
  parseCommand,
  parseDelay,
  parseSourceFolder,
} from '#libs/repositories/repository-settings.js';

/** What is wrong with an answer, in the words of the rule that will refuse it; asked again until nothing is. */
const checkedBy =
  (rule: (text: string) => unknown) =>
  (text: string): true | string => {
    try {
      rule(text);
      return true;
    } catch (error) {
      return messageOf(error);
    }
  };

/** What `repository:create` asks on a terminal, for what the options left open. */
@QuestionSet({ name: 'repository' })
export class RepositoryQuestions {
  @Question({ name: 'name', message: 'Name (as it stands in URLs):', validate: checkedBy(repositoryName) })
  name(answer: string): string {
    return answer;
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
