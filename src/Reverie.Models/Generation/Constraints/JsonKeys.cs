using System.Text;

namespace Reverie.Models;

/// <summary>
/// The keys of the objects that are open in a reply, so that none comes twice: no grammar can remember them. It reads what a
/// <see cref="Recognizer"/> has accepted, in which a key has only one spelling, so keys are compared as they are written.
/// </summary>
internal sealed class JsonKeys
{
    // Null for an array.
    private readonly List<HashSet<string>?> _levels = [];
    private readonly List<byte> _key = [];
    private readonly Stack<(HashSet<string>? Level, string? Key, bool IsPush)> _undo = [];
    private bool _isInText, _isEscaped, _isKey, _expectsKey, _isTrial;

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _levels.Clear();
        _isInText = _isEscaped = _isKey = _expectsKey = false;
    }

    /// <summary>Takes the next byte. False when it completes a key that the object has already.</summary>
    public bool Append(byte value)
    {
        if (_isInText)
        {
            bool isEnd = value == '"' && !_isEscaped;
            _isEscaped = value == '\\' && !_isEscaped;
            if (!isEnd)
            {
                if (_isKey) _key.Add(value);
                return true;
            }

            _isInText = false;
            if (!_isKey) return true;
            _isKey = false;
            string key = Key();
            if (!_levels[^1]!.Add(key)) return false;
            if (_isTrial) _undo.Push((_levels[^1], key, false));
            return true;
        }

        switch (value)
        {
            case (byte)'{' or (byte)'[':
                _levels.Add(value == '{' ? [] : null);
                if (_isTrial) _undo.Push((null, null, true));
                _expectsKey = value == '{';
                break;
            case (byte)'}' or (byte)']' when _levels.Count > 0:
                if (_isTrial) _undo.Push((_levels[^1], null, false));
                _levels.RemoveAt(_levels.Count - 1);
                _expectsKey = false;
                break;
            case (byte)',':
                _expectsKey = _levels is [.., not null];
                break;
            case (byte)'"':
                (_isInText, _isKey, _expectsKey) = (true, _expectsKey, false);
                if (_isKey) _key.Clear();
                break;
        }

        return true;
    }

    /// <summary>Takes tokens out of a set that would repeat a key.</summary>
    public void Forbid(Span<ulong> allowed, TokenTrie trie, Tokenizer tokenizer)
    {
        // A token must close a key: so many quotation marks are in it at least.
        bool mayRepeatThis = _isKey && _levels[^1]!.Count > 0 && IsBeginning();
        foreach (int token in trie.Quoting(mayRepeatThis ? 1 : _isInText ? 3 : 2))
        {
            if ((allowed[token >> 6] >> (token & 63) & 1) != 0 && Repeats(tokenizer.Bytes(token))) allowed[token >> 6] &= ~(1UL << (token & 63));
        }
    }

    private bool IsBeginning()
    {
        string key = Key();
        return _levels[^1]!.Any(k => k.StartsWith(key, StringComparison.Ordinal));
    }

    private string Key() => Encoding.Latin1.GetString([.. _key]);

    private bool Repeats(ReadOnlySpan<byte> bytes)
    {
        (bool isInText, bool isEscaped, bool isKey, bool expectsKey) = (_isInText, _isEscaped, _isKey, _expectsKey);
        byte[] key = [.. _key];
        _isTrial = true;
        bool repeats = false;
        for (int i = 0; i < bytes.Length && !repeats; i++) repeats = !Append(bytes[i]);
        _isTrial = false;
        while (_undo.TryPop(out (HashSet<string>? Level, string? Key, bool IsPush) done))
        {
            if (done.IsPush) _levels.RemoveAt(_levels.Count - 1);
            else if (done.Key is not null) done.Level!.Remove(done.Key);
            else _levels.Add(done.Level);
        }

        (_isInText, _isEscaped, _isKey, _expectsKey) = (isInText, isEscaped, isKey, expectsKey);
        _key.Clear();
        _key.AddRange(key);
        return repeats;
    }
}
