using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The grammars that requests to one model use, by a text that names them, such as the schema: compiled once, the longest unused forgotten first. Thread-safe.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="capacity">So many are kept.</param>
public sealed class TokenGrammars(Tokenizer tokenizer, int capacity = 32)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(string Key, TokenGrammar Grammar)> _recent = [];
    private readonly Dictionary<string, LinkedListNode<(string Key, TokenGrammar Grammar)>> _known = [];

    /// <summary>The grammar of a name, made where it is not known.</summary>
    /// <exception cref="ReverieException"><paramref name="make"/> fails, or the grammar does not fit the tokenizer.</exception>
    public TokenGrammar Get(string key, Func<Grammar> make)
    {
        lock (_gate)
        {
            if (_known.TryGetValue(key, out LinkedListNode<(string Key, TokenGrammar Grammar)>? node))
            {
                _recent.Remove(node);
                _recent.AddFirst(node);
                return node.Value.Grammar;
            }
        }

        // Outside the lock: a large grammar must not stop the others. Two that come at once make it twice.
        var grammar = new TokenGrammar(make(), tokenizer);
        lock (_gate)
        {
            if (_known.TryGetValue(key, out LinkedListNode<(string Key, TokenGrammar Grammar)>? other)) return other.Value.Grammar;
            _known[key] = _recent.AddFirst((key, grammar));
            if (_recent.Count <= capacity) return grammar;
            _known.Remove(_recent.Last!.Value.Key);
            _recent.RemoveLast();
            return grammar;
        }
    }
}
