using System.Runtime.CompilerServices;

namespace Reverie.Models;

/// <summary>The tokens of a vocabulary that are text, by their bytes: a trie laid out in the order of a walk, so that a subtree is a range.</summary>
internal sealed class TokenTrie
{
    private static readonly ConditionalWeakTable<Tokenizer, TokenTrie> _known = [];

    private readonly int[][] _quoting;

    private TokenTrie(Tokenizer tokenizer)
    {
        VocabularySize = tokenizer.VocabularySize;
        Tokens = [.. Enumerable.Range(0, VocabularySize)
            .Where(id => IsText(tokenizer, id) && !tokenizer.Bytes(id).IsEmpty)];
        byte[][] bytes = [.. Tokens.Select(id => tokenizer.Bytes(id).ToArray())];
        Array.Sort(bytes, Tokens, ByteOrder.Instance);
        Lengths = [.. bytes.Select(b => b.Length)];
        IsWritable = new bool[256];
        foreach (byte[] token in bytes)
            if (token.Length == 1) IsWritable[token[0]] = true;

        int[] quotes = [.. bytes.Select(b => b.AsSpan().Count((byte)'"'))];
        _quoting = [.. Enumerable.Range(0, 4).Select(n => Tokens.Where((_, i) => quotes[i] >= n).ToArray())];

        var values = new List<byte>();
        var depths = new List<int>();
        var firsts = new List<int>();
        for (int i = 0; i < bytes.Length; i++)
        {
            int common = i == 0 ? 0 : bytes[i].AsSpan().CommonPrefixLength(bytes[i - 1]);
            for (int depth = common; depth < bytes[i].Length; depth++)
            {
                values.Add(bytes[i][depth]);
                depths.Add(depth);
                firsts.Add(i);
            }
        }

        (Values, Depths) = ([.. values], [.. depths]);
        FirstTokens = [.. firsts, Tokens.Length];
        Skips = new int[Values.Length];
        int[] open = new int[depths.DefaultIfEmpty().Max() + 2];
        Depth = open.Length - 1;
        int deepest = 0;
        for (int node = 0; node <= Values.Length; node++)
        {
            int depth = node < Values.Length ? Depths[node] : 0;
            while (deepest > depth) Skips[open[--deepest]] = node;
            if (node < Values.Length) open[deepest++] = node;
        }
    }

    /// <summary>Ids are below this.</summary>
    public int VocabularySize { get; }

    /// <summary>The tokens in the order of their bytes.</summary>
    public int[] Tokens { get; }

    /// <summary>Their lengths in bytes.</summary>
    public int[] Lengths { get; }

    /// <summary>The byte of each node.</summary>
    public byte[] Values { get; }

    /// <summary>How many bytes are before it.</summary>
    public int[] Depths { get; }

    /// <summary>The node after all that begins as this one.</summary>
    public int[] Skips { get; }

    /// <summary>The first of <see cref="Tokens"/> that begins as the node; one more at the end.</summary>
    public int[] FirstTokens { get; }

    /// <summary>No token is longer.</summary>
    public int Depth { get; }

    /// <summary>Which bytes are tokens by themselves. With all of them anything can be written.</summary>
    public bool[] IsWritable { get; }

    /// <summary>Whether a token is text. So is white space that a tokenizer lists beside its vocabulary, as Gemma's does.</summary>
    public static bool IsText(Tokenizer tokenizer, int id) => tokenizer.Special(id) is { } special
        ? special.IsContent && special.Text.AsSpan().IndexOfAnyExcept(" \t\r\n") < 0
        : tokenizer.TypeOf(id) is TokenType.Normal or TokenType.Byte;

    /// <summary>The tokens with at least so many quotation marks, 0 to 3.</summary>
    public ReadOnlySpan<int> Quoting(int quotes) => _quoting[quotes];

    /// <summary>The trie of a tokenizer, made once.</summary>
    public static TokenTrie Of(Tokenizer tokenizer) => _known.GetValue(tokenizer, static t => new TokenTrie(t));
}
