using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Tokens in shards, read where they are: the system's file cache holds what fits. Read and not mapped, so that a file
/// that is cut off under a running program gives a message and not a signal.
/// </summary>
internal sealed class TokensOnDisk : ITokenStorage
{
    private readonly string _folder;
    private readonly int _tokenWidth;
    private readonly long[] _starts;
    private readonly SafeFileHandle[] _tokens;
    private readonly SafeFileHandle?[] _masks;

    public TokensOnDisk(string folder, int tokenWidth, IReadOnlyList<TokenShard> shards)
    {
        (_folder, _tokenWidth) = (folder, tokenWidth);
        _starts = new long[shards.Count + 1];
        _tokens = new SafeFileHandle[shards.Count];
        _masks = new SafeFileHandle?[shards.Count];
        for (int i = 0; i < shards.Count; i++)
        {
            _starts[i + 1] = _starts[i] + shards[i].Tokens;
            _tokens[i] = File.OpenHandle(TokenShard.TokensFile(folder, i));
            if (shards[i].MaskHash is not null) _masks[i] = File.OpenHandle(TokenShard.MaskFile(folder, i));
        }
    }

    public void ReadTokens(long position, Span<int> tokens)
    {
        if (tokens.IsEmpty) return;
        int shard = ShardOf(ref position);
        Span<byte> bytes = MemoryMarshal.AsBytes(tokens);
        if (_tokenWidth == 2)
        {
            // Two-byte tokens go into the upper half and are widened in place: the write at i never passes the read at i.
            Span<byte> upper = bytes[(tokens.Length * 2)..];
            Read(_tokens[shard], upper, position * 2);
            for (int i = 0; i < tokens.Length; i++) tokens[i] = BinaryPrimitives.ReadUInt16LittleEndian(upper[(i * 2)..]);
        }
        else
        {
            Read(_tokens[shard], bytes, position * 4);
            if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(tokens, tokens);
        }
    }

    public void ReadFromAssistant(long position, Span<bool> fromAssistant)
    {
        if (fromAssistant.IsEmpty) return;
        int shard = ShardOf(ref position);
        if (_masks[shard] is not { } file)
        {
            fromAssistant.Clear();
            return;
        }

        Span<byte> buffer = stackalloc byte[512];
        long bit = position;
        while (!fromAssistant.IsEmpty)
        {
            long first = bit >> 3;
            int count = Math.Min(fromAssistant.Length, (buffer.Length * 8) - (int)(bit & 7));
            Span<byte> bytes = buffer[..(int)(((bit + count + 7) >> 3) - first)];
            Read(file, bytes, first);
            for (int i = 0; i < count; i++, bit++) fromAssistant[i] = (bytes[(int)((bit >> 3) - first)] >> (int)(bit & 7) & 1) != 0;
            fromAssistant = fromAssistant[count..];
        }
    }

    public void Dispose()
    {
        foreach (SafeFileHandle tokens in _tokens) tokens.Dispose();
        foreach (SafeFileHandle? mask in _masks) mask?.Dispose();
    }

    private int ShardOf(ref long position)
    {
        int shard = Array.BinarySearch(_starts, position);
        if (shard < 0) shard = ~shard - 1;
        // A shard without tokens starts where the next one does; the search may land on either.
        while (_starts[shard + 1] == position) shard++;
        position -= _starts[shard];
        return shard;
    }

    private void Read(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            int read;
            try
            {
                read = RandomAccess.Read(file, bytes, offset);
            }
            catch (IOException e)
            {
                throw new ReverieException($"Cannot read the token shards in {_folder}: {e.Message.TrimEnd('.')}. Check the disk.", e);
            }

            if (read == 0) throw new ReverieException($"The token shards in {_folder} have become shorter while in use; delete the folder and start again.");
            bytes = bytes[read..];
            offset += read;
        }
    }
}
