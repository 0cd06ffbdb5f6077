using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The keys of a GGUF file and their values, each with one clear line where it is missing or of the wrong kind.</summary>
public sealed class GgufMetadata
{
    private readonly string _path;
    private readonly IReadOnlyDictionary<string, object> _values;

    internal GgufMetadata(string path, IReadOnlyDictionary<string, object> values) => (_path, _values) = (path, values);

    /// <summary>All keys.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>
    /// The value as the file has it: byte, sbyte, ushort, short, uint, int, ulong, long, float, double, bool, string, or an array of one of these
    /// or of arrays; null where the key is missing.
    /// </summary>
    public object? this[string key] => _values.GetValueOrDefault(key);

    /// <summary>A text; required where <paramref name="otherwise"/> is null.</summary>
    /// <exception cref="ReverieException">It is missing or of another kind; so with all that follow.</exception>
    public string Text(string key, string? otherwise = null) => this[key] switch
    {
        string text => text,
        null => otherwise ?? throw Missing(key),
        _ => throw Wrong(key, "a text"),
    };

    /// <summary>A whole number of any width; required where <paramref name="otherwise"/> is null.</summary>
    public int Integer(string key, int? otherwise = null) => this[key] switch
    {
        null => otherwise ?? throw Missing(key),
        byte n => n,
        sbyte n => n,
        ushort n => n,
        short n => n,
        int n => n,
        uint n when n <= int.MaxValue => (int)n,
        ulong n when n <= int.MaxValue => (int)n,
        long n when n is >= int.MinValue and <= int.MaxValue => (int)n,
        _ => throw Wrong(key, "a whole number below 2^31"),
    };

    /// <summary>A finite number of any kind; required where <paramref name="otherwise"/> is null.</summary>
    public float Number(string key, float? otherwise = null) => this[key] switch
    {
        null => otherwise ?? throw Missing(key),
        float n when float.IsFinite(n) => n,
        double n when float.IsFinite((float)n) => (float)n,
        float or double => throw Wrong(key, "a finite number"),
        _ => Integer(key),
    };

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool otherwise) => this[key] switch
    {
        null => otherwise,
        bool flag => flag,
        _ => throw Wrong(key, "true or false"),
    };

    /// <summary>A list of texts; null where it is missing.</summary>
    public string[]? Texts(string key) => this[key] switch
    {
        null => null,
        string[] texts => texts,
        _ => throw Wrong(key, "a list of texts"),
    };

    /// <summary>A list of 32-bit whole numbers; null where it is missing.</summary>
    public int[]? Integers(string key) => this[key] switch
    {
        null => null,
        int[] numbers => numbers,
        uint[] numbers when numbers.All(n => n <= int.MaxValue) => [.. numbers.Select(n => (int)n)],
        _ => throw Wrong(key, "a list of whole numbers"),
    };

    /// <summary>A list of float32; null where it is missing.</summary>
    public float[]? Numbers(string key) => this[key] switch
    {
        null => null,
        float[] numbers => numbers,
        _ => throw Wrong(key, "a list of numbers"),
    };

    private ReverieException Missing(string key) => GgufFile.Fault(_path, $"it has no {key}");

    private ReverieException Wrong(string key, string kind) => GgufFile.Fault(_path, $"its {key} is not {kind}");
}
