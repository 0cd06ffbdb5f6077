using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>What a <see cref="Generator"/> is asked to continue.</summary>
/// <param name="Prompt">Tokens, at least one.</param>
/// <param name="Options">How to choose tokens and when to end.</param>
public sealed record GenerationRequest(int[] Prompt, SamplingOptions Options)
{
    /// <summary>
    /// The adapter that continues it, in place of the model's own <see cref="Transformer.Adapter"/>; null for that. It may be disposed of
    /// at any time: its memory goes when the last generation that uses it has ended.
    /// </summary>
    public Adapter? Adapter { get; init; }

    /// <summary>
    /// Nothing is generated: it ends with <see cref="Generation.Embedding"/>, the mean of the hidden states of the prompt's tokens after the final
    /// norm. Of the options none counts. Keys and values of others are not used, since hidden states are not kept.
    /// </summary>
    public bool IsEmbedding { get; init; }

    /// <summary>What the reply may say once its reasoning has ended; null for anything. Its state belongs to this one request.</summary>
    public ITokenConstraint? Constraint { get; init; }

    /// <summary>Whose it is: what waits is taken from all owners in turn, so that nobody with many requests holds up the others.</summary>
    public string Owner { get; init; } = "";

    /// <summary>How many of the most likely tokens to record at each step, see <see cref="Generation.Alternatives"/>; 0 to <see cref="MaxTopLogProbabilities"/>.</summary>
    public int TopLogProbabilities { get; init; }

    /// <summary>Most <see cref="TopLogProbabilities"/>.</summary>
    public const int MaxTopLogProbabilities = 20;

    /// <summary>Ends it at the next step.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Gets the text as it becomes certain, in whole characters and without what could still become a stop text; together the
    /// parts are <see cref="Generation.Text"/>. Called inside <see cref="Generator.Step"/>.
    /// </summary>
    public Action<string>? OnText { get; init; }

    /// <summary>Called inside <see cref="Generator.Step"/> after each token.</summary>
    public Action<Generation>? OnToken { get; init; }

    /// <summary>Called once when it has ended, for whatever reason.</summary>
    public Action<Generation>? OnFinished { get; init; }

    /// <summary>Refuses what a model cannot do.</summary>
    /// <exception cref="ReverieException">An option makes no sense, the prompt is empty, a token is not in the vocabulary, or something needs a tokenizer.</exception>
    internal void Validate(Transformer transformer, Tokenizer? tokenizer)
    {
        Options.Validate();
        int vocabulary = transformer.Config.VocabularySize;
        if (Prompt.Length == 0) throw new ReverieException("The prompt has no tokens. Begin with some text, or with the token that stands before a text.");
        foreach (int token in Prompt)
            if ((uint)token >= (uint)vocabulary) throw new ReverieException($"Token {token} of the prompt is not in the model's vocabulary of {vocabulary}. Use the model's own tokenizer.");
        if (Options.Thinking is not null && tokenizer is null) throw new ReverieException("A thinking budget needs a tokenizer, which has the tokens that frame reasoning.");
        if (Options.Stop.Count > 0 && tokenizer is null) throw new ReverieException("Stop texts need a tokenizer. Use stop tokens instead.");
        foreach (int token in Options.LogitBias?.Keys ?? [])
            if (token >= vocabulary) throw new ReverieException($"Token {token} of the logit bias is not in the model's vocabulary of {vocabulary}. Use the model's own tokenizer.");
        Adapter?.CheckFits(transformer);
        if (TopLogProbabilities is < 0 or > MaxTopLogProbabilities) throw new ReverieException($"{TopLogProbabilities} alternatives to each token were asked for; it must be between 0 and {MaxTopLogProbabilities}.");
    }
}
