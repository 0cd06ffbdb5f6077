using Reverie.Tensors;

namespace Reverie.Models.Templating;

/// <summary>
/// A template of Jinja2 with the settings of Hugging Face's transformers: the part of the language that chat templates use. It reads
/// what it is given and writes a text, in bounded time and memory, and reaches nothing else.
/// </summary>
internal sealed class Template
{
    /// <summary>Characters of a template; the longest in use have about 20,000.</summary>
    public const int MaximumLength = 1 << 20;

    private const int MaximumFault = 300;

    private readonly IReadOnlyList<Statement> _body;

    private Template(IReadOnlyList<Statement> body) => _body = body;

    /// <summary>Reads a template.</summary>
    /// <exception cref="ReverieException">It is no template, or uses what is not supported: one line that names it and where it stands.</exception>
    public static Template Parse(string source)
    {
        if (source.Length > MaximumLength) throw new ReverieException($"The chat template has {source.Length:N0} characters, and {MaximumLength:N0} are the most. Use another template.");
        try
        {
            return new Template(TemplateParser.Read(source));
        }
        catch (TemplateFault fault)
        {
            throw Failure(fault, fault.Line);
        }
    }

    /// <summary>Writes the text.</summary>
    /// <param name="variables">What the template may read, by name.</param>
    /// <param name="now">What <c>strftime_now</c> tells.</param>
    /// <exception cref="ReverieException">The template refuses what it is given, uses up too much, or does what is not possible.</exception>
    public Text Render(IReadOnlyDictionary<string, object?> variables, DateTime now)
    {
        var interpreter = new Interpreter(variables, now);
        try
        {
            return interpreter.Run(_body);
        }
        catch (TemplateFault fault)
        {
            throw Failure(fault, interpreter.Line);
        }
        catch (InvalidOperationException e) when (e.InnerException is TemplateFault fault)
        {
            // Sorting wraps what a comparison throws.
            throw Failure(fault, interpreter.Line);
        }
    }

    private static ReverieException Failure(TemplateFault fault, int line)
    {
        string what = fault.Message.Length > MaximumFault ? $"{fault.Message[..MaximumFault]}..." : fault.Message;
        what = what.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return new ReverieException(fault.IsRefusal
            ? $"The chat template refuses this conversation: {what} (line {line}). Give it messages as the model expects them."
            : $"The chat template cannot be used: line {line}: {what}. Use another chat_template.jinja.");
    }
}
