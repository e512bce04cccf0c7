import { type JobContext } from '#libs/jobs/job.js';
import { messageOf } from '#libs/kernel/errors.js';
import { type Log } from '#libs/observability/log.js';
import { type Repository } from '#libs/repositories/repository.js';
import { type RepositoryStore } from '#libs/repositories/repository-store.js';

/** Does something for all repositories, one after the other. */
export class EachRepository {
  constructor(
    private readonly repositories: RepositoryStore,
    private readonly log: Log,
  ) {}

  /** What goes wrong with one does not keep the others waiting; the first error is thrown at the end. */
  async run(
    work: (repository: Repository) => Promise<unknown>,
    context?: Pick<JobContext, 'signal' | 'progress'>,
  ): Promise<void> {
    const errors: unknown[] = [];
    const repositories = await this.repositories.list();
    for (const [done, repository] of repositories.entries()) {
      context?.signal.throwIfAborted();
      await context?.progress(done / repositories.length);
      try {
        await work(repository);
      } catch (error) {
        this.log.warn('upkeep of a repository failed', { repository: repository.name, error: messageOf(error) });
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
