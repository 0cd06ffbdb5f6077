using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A context-free grammar over UTF-8: what a reply may be. Written as text in llama.cpp's GBNF (<see cref="Parse"/>), or made from a
/// JSON schema (<see cref="JsonSchemaGrammar"/>) or from tools (<see cref="ToolGrammar"/>).
/// </summary>
/// <remarks>It never changes, and any number of threads may use it. <see cref="TokenGrammar"/> makes it a constraint on tokens.</remarks>
public sealed class Grammar
{
    /// <summary>A grammar's text, or a schema's, may have so many UTF-16 units.</summary>
    public const int MaximumTextLength = 1 << 20;

    /// <summary>Parentheses, subschemas and the like may nest so deep.</summary>
    public const int MaximumDepth = 128;

    /// <summary>A compiled grammar may have so many positions, which is about one for each byte that it spells out.</summary>
    public const int MaximumPositions = 300_000;

    /// <summary>A grammar may have so many rules.</summary>
    public const int MaximumRules = 30_000;

    private readonly Lock _gate = new();
    private readonly Recognizer _recognizer;

    internal Grammar(GrammarRules rules, int root)
    {
        (Rules, Root) = (rules, root);
        Spelled = new GrammarAutomaton(this, static _ => null);
        _recognizer = new Recognizer(Spelled);
    }

    internal GrammarRules Rules { get; }

    internal int Root { get; }

    /// <summary>The automaton in which tags are letters.</summary>
    internal GrammarAutomaton Spelled { get; }

    /// <summary>
    /// Reads a grammar as llama.cpp writes it: <c>root ::= "yes" | "no" [a-z]+ other{2,5}</c>, with <c>*</c>, <c>+</c>, <c>?</c>,
    /// <c>.</c>, <c>[^...]</c>, parentheses, comments after <c>#</c>, and the escapes <c>\n \r \t \\ \" \[ \] \xHH \uHHHH \UHHHHHHHH</c>.
    /// <c>&lt;tool_call&gt;</c> outside quotation marks is that special token, or its letters where the tokenizer has none.
    /// </summary>
    /// <param name="text">The rules, one a line; a line may be broken after <c>::=</c>, after <c>|</c> and within parentheses.</param>
    /// <param name="root">The rule that a whole reply is.</param>
    /// <exception cref="ReverieException">The text is not a grammar, a rule is missing, cannot end or calls itself at its own beginning, or a limit of this class is passed.</exception>
    public static Grammar Parse(string text, string root = "root") => GrammarParser.Parse(text, root);

    /// <summary>Whether <paramref name="text"/> is all that the grammar wants; tags are letters.</summary>
    public bool Matches(string text) => Read(text) is { IsAccepting: true };

    /// <summary>Whether <paramref name="text"/> can be continued so that the grammar matches it, or is matched already; tags are letters.</summary>
    public bool MatchesStart(string text) => !Read(text).IsDead;

    private RecognizerState Read(string text)
    {
        lock (_gate)
        {
            RecognizerState state = _recognizer.Start;
            foreach (byte value in Encoding.UTF8.GetBytes(text)) state = _recognizer.Next(state, value);
            return state;
        }
    }
}
