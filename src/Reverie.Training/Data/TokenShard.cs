namespace Reverie.Training;

/// <summary>One shard in the manifest: its size and the SHA-256 of its files; no mask where nobody's words are an assistant's.</summary>
internal sealed record TokenShard(int Documents, long Tokens, string TokensHash, string DocumentsHash, string? MaskHash)
{
    public static string TokensFile(string folder, int shard) => Path.Combine(folder, $"tokens-{shard:D5}.bin");

    public static string DocumentsFile(string folder, int shard) => Path.Combine(folder, $"documents-{shard:D5}.bin");

    public static string MaskFile(string folder, int shard) => Path.Combine(folder, $"assistant-{shard:D5}.bin");
}
