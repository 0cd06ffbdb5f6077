using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Reverie.Training;

/// <summary>
/// Writes one shard: <c>tokens</c> (2 or 4 bytes a token, little-endian), <c>documents</c> (for each its tokens and its UTF-8 bytes,
/// 4 bytes each) and <c>assistant</c> (a bit for each token, lowest first; only where one is set).
/// </summary>
internal sealed class TokenShardWriter : IDisposable
{
    private readonly string _folder;
    private readonly int _shard;
    private readonly int _tokenWidth;
    private readonly HashedFile _tokens;
    private readonly HashedFile _documents;
    private readonly List<byte> _mask = [];
    private bool _anyAssistant;
    private byte[] _bytes = [];

    public TokenShardWriter(string folder, int shard, int tokenWidth)
    {
        (_folder, _shard, _tokenWidth) = (folder, shard, tokenWidth);
        _tokens = new HashedFile(TokenShard.TokensFile(folder, shard));
        _documents = new HashedFile(TokenShard.DocumentsFile(folder, shard));
    }

    public int Documents { get; private set; }

    public long Tokens { get; private set; }

    public void Add(in TokenizedDocument document)
    {
        int[] tokens = document.Tokens;
        if (_bytes.Length < tokens.Length * (long)_tokenWidth) _bytes = new byte[checked(tokens.Length * _tokenWidth)];
        for (int i = 0; i < tokens.Length; i++)
        {
            if (_tokenWidth == 2) BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(i * 2), checked((ushort)tokens[i]));
            else BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(i * 4), tokens[i]);
        }

        _tokens.Write(_bytes.AsSpan(0, tokens.Length * _tokenWidth));
        Span<byte> entry = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(entry, tokens.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[4..], document.Bytes);
        _documents.Write(entry);
        for (int i = 0; i < tokens.Length; i++)
        {
            int bit = (int)((Tokens + i) & 7);
            if (bit == 0) _mask.Add(0);
            if (document.FromAssistant is not { } mask || !mask[i]) continue;
            _mask[^1] |= (byte)(1 << bit);
            _anyAssistant = true;
        }

        Documents++;
        Tokens += tokens.Length;
    }

    public TokenShard Finish()
    {
        string? maskHash = null;
        if (_anyAssistant)
        {
            using var mask = new HashedFile(TokenShard.MaskFile(_folder, _shard));
            mask.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_mask));
            maskHash = mask.Finish();
        }

        return new TokenShard(Documents, Tokens, _tokens.Finish(), _documents.Finish(), maskHash);
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _documents.Dispose();
    }

    private sealed class HashedFile(string path) : IDisposable
    {
        private readonly FileStream _stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Write(ReadOnlySpan<byte> bytes)
        {
            _stream.Write(bytes);
            _hash.AppendData(bytes);
        }

        public string Finish()
        {
            _stream.Flush(flushToDisk: true);
            return Convert.ToHexStringLower(_hash.GetHashAndReset());
        }

        public void Dispose()
        {
            _stream.Dispose();
            _hash.Dispose();
        }
    }
}
