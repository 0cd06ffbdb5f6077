using System.Buffers.Binary;
using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Reads llama2.c's <c>tokenizer.bin</c>: the length of the longest token, then of each token a score, a length and the text.</summary>
internal static class Llama2CTokenizerFile
{
    private const int MaximumLength = 64 << 20;
    private const int Header = 4, TokenHeader = 8;
    private const int UnknownId = 0, BeginId = 1, EndId = 2;

    public static Tokenizer Read(string path)
    {
        byte[] bytes = ReadAll(path);
        List<string> tokens = [];
        List<float> scores = [];
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        for (int at = Header; at < bytes.Length;)
        {
            if (bytes.Length - at < TokenHeader) throw Fault(path, $"it ends within token {tokens.Count}");
            float score = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at));
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
            at += TokenHeader;
            if (length < 0 || length > bytes.Length - at) throw Fault(path, $"token {tokens.Count} has {length} bytes and the file {bytes.Length - at} more");
            try
            {
                tokens.Add(strict.GetString(bytes, at, length).Replace(' ', SentencePieceEncoder.SpaceMark));
            }
            catch (DecoderFallbackException e)
            {
                throw new ReverieException(Fault(path, $"token {tokens.Count} is not UTF-8").Message, e);
            }

            scores.Add(score);
            at += length;
        }

        if (tokens.Count <= EndId) throw Fault(path, $"it has {tokens.Count} tokens");

        // The file writes the begin and the end of a text between line breaks, for printing.
        var types = new TokenType[tokens.Count];
        Array.Fill(types, TokenType.Normal);
        types[UnknownId] = TokenType.Unknown;
        foreach (int id in new[] { BeginId, EndId }) (tokens[id], types[id]) = (tokens[id].Trim('\n'), TokenType.Control);
        return Tokenizer.FromSentencePiece(
            tokens, scores, types, path, settings: new TokenizerSettings { BeginOfText = BeginId, AddsBeginOfText = true, EndTokens = [EndId] });
    }

    private static byte[] ReadAll(string path)
    {
        try
        {
            long length = new FileInfo(path).Length;
            return length <= MaximumLength ? File.ReadAllBytes(path) : throw Fault(path, $"it is {length >> 20} MiB, and {MaximumLength >> 20} MiB is the most it may have");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read the tokenizer {path}: {e.Message.TrimEnd('.')}. Check the path.", e);
        }
    }

    private static ReverieException Fault(string path, string what) =>
        new($"The tokenizer {path} cannot be used: {what}. Fetch it again.");
}
