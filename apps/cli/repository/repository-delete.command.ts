import { Inject } from '@nestjs/common';
import { Command, InquirerService, MessageFor, Option, Question, QuestionSet } from 'nest-commander';

import { AppError } from '#libs/kernel/errors.js';
import { printable, repositoryName, type RepositoryName } from '#libs/kernel/ids.js';
import { getRepository } from '#libs/repositories/get-repository.js';
import { REPOSITORY_STORE } from '#libs/repositories/repository-store.js';
import { DeleteRepository } from '#libs/syncing/delete-repository.js';

import { described, operator, ParcelerCommand } from '../parceler-command.js';

@QuestionSet({ name: 'delete' })
class DeleteQuestions {
  @Question({ name: 'typed' })
  typed(answer: string): string {
    return answer;
  }

  @MessageFor({ name: 'typed' })
  message({ name }: { readonly name: string }): string {
    return `This removes "${name}" and all its snapshots for good. Type its name to go on:`;
  }
}

@Command({ ...described('repository:delete'), arguments: '<name>' })
export class RepositoryDeleteCommand extends ParcelerCommand {
  static readonly providers = [DeleteQuestions];

  @Inject(InquirerService) private readonly inquirer!: InquirerService;

  async run([text = '']: string[], { yes = false }: { yes?: boolean }): Promise<void> {
    const name = repositoryName(text);
    await getRepository(await this.use(REPOSITORY_STORE), name);
    if (!yes) await this.confirm(name);
    for (const { id } of await (await this.use(DeleteRepository)).run(name, operator())) {
      this.terminal.say(`Cancelled run ${String(id)}, which was open.`);
    }
    this.terminal.say(
      `Deleted ${name}. Its snapshots and source are being removed; the name is free again after that.`,
    );
  }

  @Option({ flags: '--yes', description: 'do not ask' })
  yes(): boolean {
    return true;
  }

  private async confirm(name: RepositoryName): Promise<void> {
    const hint = 'Say --yes when you mean it.';
    if (!this.terminal.isInteractive) {
      throw new AppError('invalid', 'NOT_CONFIRMED', `Deleting "${name}" removes all its snapshots.`, { hint });
    }
    const { typed = '' } = await this.inquirer.ask<{ name: string; typed?: string }>('delete', { name });
    if (typed === name) return;
    throw new AppError('invalid', 'NOT_CONFIRMED', `"${printable(typed)}" is not its name; nothing was deleted.`, {
      hint,
    });
  }
}
