using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>A corpus that a model is raised on.</summary>
/// <param name="Corpus">The documents.</param>
/// <param name="IsPrimer">Whether it is a generator of the Primer, which never ends.</param>
/// <param name="HasConversations">Whether SFT can learn from it.</param>
internal sealed record RaiseSource(ICorpus Corpus, bool IsPrimer, bool HasConversations);
