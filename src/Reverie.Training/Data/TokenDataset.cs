using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Reverie.Training;

/// <summary>
/// Documents as tokens, ready to be packed: in memory, or in shards on disk. Reading is safe from several threads
/// and makes no garbage.
/// </summary>
public sealed partial class TokenDataset : IDisposable
{
    private readonly ITokenStorage _storage;
    private readonly long[] _starts;
    private readonly int[] _bytes;
    private readonly int[] _tokenBytes;

    private TokenDataset(string name, ITokenStorage storage, int[] lengths, int[] bytes, int[] tokenBytes, string hash)
    {
        Name = name;
        Hash = hash;
        _storage = storage;
        _bytes = bytes;
        _tokenBytes = tokenBytes;
        _starts = new long[lengths.Length + 1];
        for (int i = 0; i < lengths.Length; i++)
        {
            _starts[i + 1] = _starts[i] + lengths[i];
            Bytes += bytes[i];
        }
    }

    /// <summary>The name in reports.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of the content, in hexadecimal: a resumed run checks that it reads the same data.</summary>
    public string Hash { get; }

    /// <summary>Number of documents.</summary>
    public int Count => _bytes.Length;

    /// <summary>Number of tokens, end-of-text tokens included.</summary>
    public long Tokens => _starts[^1];

    /// <summary>UTF-8 bytes of all texts.</summary>
    public long Bytes { get; }

    /// <summary>For each token id the number of bytes it stands for, 0 for special tokens, (vocabulary); empty where unknown.</summary>
    public ReadOnlySpan<int> TokenBytes => _tokenBytes;

    /// <summary>Keeps a small data set in memory.</summary>
    /// <param name="name">The name in reports.</param>
    /// <param name="documents">The documents; together fewer than 2^31 tokens.</param>
    /// <param name="tokenBytes">Bytes of each token, see <see cref="TokenBytes"/>; without it batches know no <see cref="Batch.Bytes"/>.</param>
    /// <exception cref="ArgumentException">A document whose mask has not the length of its tokens.</exception>
    public static TokenDataset InMemory(string name, IReadOnlyList<TokenizedDocument> documents, int[]? tokenBytes = null)
    {
        int total = checked((int)documents.Sum(d => (long)d.Tokens.Length));
        int[] tokens = new int[total];
        bool[] fromAssistant = new bool[total];
        int[] lengths = new int[documents.Count];
        int[] bytes = new int[documents.Count];
        int position = 0;
        for (int i = 0; i < documents.Count; i++)
        {
            TokenizedDocument document = documents[i];
            if (document.FromAssistant is { } mask)
            {
                if (mask.Length != document.Tokens.Length)
                    throw new ArgumentException($"Document {i} of {name} has {document.Tokens.Length} tokens but a mask of {mask.Length}.", nameof(documents));
                mask.CopyTo(fromAssistant, position);
            }

            document.Tokens.CopyTo(tokens, position);
            lengths[i] = document.Tokens.Length;
            bytes[i] = document.Bytes;
            position += lengths[i];
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(lengths.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(tokens.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(fromAssistant.AsSpan()));
        return new TokenDataset(name, new TokensInMemory(tokens, fromAssistant), lengths, bytes, tokenBytes ?? [], Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Number of tokens of a document.</summary>
    public int Length(int document) => (int)(_starts[document + 1] - _starts[document]);

    /// <summary>UTF-8 bytes of a document's text.</summary>
    public int ByteCount(int document) => _bytes[document];

    /// <summary>Copies the tokens of a document from index <paramref name="start"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The document ends before the span does.</exception>
    public void ReadTokens(int document, int start, Span<int> tokens) =>
        _storage.ReadTokens(Position(document, start, tokens.Length), tokens);

    /// <summary>Copies whether the assistant wrote each token of a document from index <paramref name="start"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The document ends before the span does.</exception>
    public void ReadFromAssistant(int document, int start, Span<bool> fromAssistant) =>
        _storage.ReadFromAssistant(Position(document, start, fromAssistant.Length), fromAssistant);

    /// <summary>Whether the assistant wrote any of the tokens [start, start + length) of a document.</summary>
    public bool HasAssistant(int document, int start, int length)
    {
        Span<bool> part = stackalloc bool[256];
        for (int done = 0; done < length; done += part.Length)
        {
            Span<bool> next = part[..Math.Min(part.Length, length - done)];
            ReadFromAssistant(document, start + done, next);
            if (next.Contains(true)) return true;
        }

        return false;
    }

    /// <summary>A copy of a whole document: for looking at and for tests.</summary>
    public TokenizedDocument Get(int document)
    {
        int[] tokens = new int[Length(document)];
        bool[] fromAssistant = new bool[tokens.Length];
        ReadTokens(document, 0, tokens);
        ReadFromAssistant(document, 0, fromAssistant);
        return new TokenizedDocument(tokens, fromAssistant, _bytes[document]);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => _storage.Dispose();

    private long Position(int document, int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length(document) - start);
        return _starts[document] + start;
    }
}
