namespace Reverie.Web;

/// <summary>What a language's words look like, as far as colours need it.</summary>
internal sealed record CodeLanguage
{
    private static readonly string[] _slashes = ["//"], _hash = ["#"], _dashes = ["--"], _none = [];
    private static readonly (string, string)[] _c = [("/*", "*/")];

    private static readonly Dictionary<string, CodeLanguage> _byName = Named(
        (["csharp", "cs", "c#"], Curly("abstract as async await base bool break byte case catch char checked class const continue decimal default delegate do double else enum event explicit extern false file finally fixed float for foreach get goto if implicit in init int interface internal is lock long namespace new not null object operator or out override params partial private protected public readonly record ref required return sbyte sealed set short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using var virtual void volatile when where while with yield") with { LongStrings = ["\"\"\""] }),
        (["java", "kotlin", "kt", "scala", "swift", "dart"], Curly("abstract actor any as assert async await boolean break byte case catch char class const continue data default defer def do double else enum extends extension false final finally float for fun func guard if implements import in init inline instanceof int interface internal is lateinit let long match mixin mutating native new nil null object of open operator override package private protected protocol public record required return sealed self short static struct super switch synchronized this throw throws trait true try type typealias val var void volatile when where while with yield")),
        (["javascript", "js", "jsx", "typescript", "ts", "tsx", "mjs"], Curly("abstract any as async await boolean break case catch class const continue debugger declare default delete do else enum export extends false finally for from function get if implements import in infer instanceof interface is keyof let namespace never new null number of private protected public readonly return satisfies set static string super switch symbol this throw true try type typeof undefined unknown var void while with yield") with { Quotes = "\"'`" }),
        (["c", "cpp", "c++", "h", "hpp", "cuda", "objective-c"], Curly("alignas alignof auto bool break case catch char class co_await co_return concept const consteval constexpr continue decltype default define delete do double else endif enum explicit export extern false float for friend goto if ifdef ifndef include inline int long mutable namespace new noexcept nullptr operator override pragma private protected public register requires return short signed sizeof static struct switch template this throw true try typedef typename union unsigned using virtual void volatile while")),
        (["rust", "rs"], Curly("as async await bool box break char const continue crate dyn else enum extern f32 f64 false fn for i16 i32 i64 i8 if impl in isize let loop match mod move mut pub ref return self Self static str struct super trait true type u16 u32 u64 u8 unsafe use usize where while") with { Quotes = "\"" }),
        (["go", "golang"], Curly("any bool break byte case chan const continue default defer else error fallthrough false float32 float64 for func go goto if import int int32 int64 interface map nil package range return rune select string struct switch true type uint uint8 var") with { Quotes = "\"'`" }),
        (["php"], Curly("abstract and array as break case catch class const continue declare default do echo else elseif extends false final finally fn for foreach function global if implements include instanceof interface match namespace new null or private protected public readonly require return static switch throw trait true try use var while yield") with { LineComments = ["//", "#"] }),
        (["python", "py", "python3"], new CodeLanguage("and as assert async await break case class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try type while with yield") { LineComments = _hash, LongStrings = ["\"\"\"", "'''"], Types = true }),
        (["ruby", "rb", "elixir"], new CodeLanguage("alias and begin break case class def defined do else elsif end ensure false for if in module next nil not or redo rescue retry return self super then true undef unless until when while yield") { LineComments = _hash, Types = true }),
        (["bash", "sh", "shell", "zsh", "console", "powershell", "ps1"], new CodeLanguage("case cd do done echo elif else esac exit export fi for function if in local param read return set shift source sudo then trap unset until while") { LineComments = _hash }),
        (["yaml", "yml", "toml", "ini", "dockerfile", "makefile"], new CodeLanguage("true false null yes no on off FROM RUN COPY ENV WORKDIR EXPOSE CMD ENTRYPOINT ARG") { LineComments = _hash }),
        (["json", "jsonc", "json5"], new CodeLanguage("true false null") { LineComments = _slashes, Quotes = "\"" }),
        (["sql", "postgresql", "sqlite"], new CodeLanguage(Both("add all alter and as asc begin between by case check column commit constraint create cross default delete desc distinct drop else end exists foreign from full group having in index inner insert into is join key left like limit not null offset on or order outer primary references returning right rollback select set table then union unique update using values view when where with")) { LineComments = _dashes, BlockComments = _c }),
        (["lua", "haskell", "hs"], new CodeLanguage("and break case class data deriving do else elseif end false for function goto if import in instance let local module newtype nil not of or qualified repeat return then true type until where while") { LineComments = _dashes, BlockComments = [("{-", "-}")] }),
        (["html", "xml", "svg", "xaml", "razor", "vue"], new CodeLanguage("") { BlockComments = [("<!--", "-->")] }),
        (["css", "scss", "less"], new CodeLanguage("important media supports import keyframes from to root hover focus not") { BlockComments = _c }),
        (["fsharp", "fs", "f#", "ocaml", "ml"], new CodeLanguage("abstract and as begin class do done else end exception false for fun function if in inherit inline interface let match member module mutable namespace new not null of open or override private public rec return sig static struct then to true try type use val when while with yield") { LineComments = _slashes, BlockComments = [("(*", "*)")], Quotes = "\"", Types = true }));

    private CodeLanguage(string keywords) => Keywords = [.. keywords.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Its reserved words.</summary>
    public HashSet<string> Keywords { get; }

    /// <summary>What begins a comment that ends with its line.</summary>
    public IReadOnlyList<string> LineComments { get; init; } = _none;

    /// <summary>What begins and ends other comments.</summary>
    public IReadOnlyList<(string Open, string Close)> BlockComments { get; init; } = [];

    /// <summary>What begins and ends strings of several lines.</summary>
    public IReadOnlyList<string> LongStrings { get; init; } = _none;

    /// <summary>What begins and ends strings.</summary>
    public string Quotes { get; init; } = "\"'";

    /// <summary>Whether capitalised names are types.</summary>
    public bool Types { get; init; }

    /// <summary>The language of that name; null where it is not known.</summary>
    public static CodeLanguage? Find(string name) => _byName.GetValueOrDefault(name);

    private static CodeLanguage Curly(string keywords) => new(keywords) { LineComments = _slashes, BlockComments = _c, Types = true };

    private static string Both(string words) => words + " " + words.ToUpperInvariant();

    private static Dictionary<string, CodeLanguage> Named(params (string[] Names, CodeLanguage Language)[] languages) =>
        languages.SelectMany(l => l.Names.Select(n => (n, l.Language))).ToDictionary(p => p.n, p => p.Language, StringComparer.OrdinalIgnoreCase);
}
