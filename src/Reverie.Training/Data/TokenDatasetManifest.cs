namespace Reverie.Training;

/// <summary>
/// What <c>manifest.json</c> says about the shards beside it. It is written last, so that a folder with a manifest is whole.
/// </summary>
internal sealed record TokenDatasetManifest(
    int Format,
    string Name,
    string Split,
    ulong Seed,
    string Source,
    string Tokenizer,
    int VocabularySize,
    long MaximumTokens,
    int Documents,
    long Tokens,
    long Bytes,
    IReadOnlyList<TokenShard> Shards)
{
    public const string FileName = "manifest.json";
    public const int CurrentFormat = 1;

    /// <summary>Bytes of a token on disk.</summary>
    public int TokenWidth => VocabularySize <= ushort.MaxValue + 1 ? 2 : 4;

    /// <summary>Whether the shards would come out the same: all but what is counted agrees.</summary>
    public bool SameRequest(TokenDatasetManifest other) =>
        this with { Documents = 0, Tokens = 0, Bytes = 0, Shards = [] } == other with { Documents = 0, Tokens = 0, Bytes = 0, Shards = [] };
}
