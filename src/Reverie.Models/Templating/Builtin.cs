namespace Reverie.Models.Templating;

/// <summary>A filter, a test, a method or a function that every template has.</summary>
/// <param name="body">What it does: with the interpreter, the value that it works on, and its arguments.</param>
/// <param name="parameters">Their names in order; a single <c>*</c> for any.</param>
internal sealed class Builtin(Func<Interpreter, object?, Arguments, object?> body, params string[] parameters)
{
    /// <summary>Does it.</summary>
    public object? Apply(Interpreter interpreter, object? target, Arguments arguments)
    {
        if (target is Text text) interpreter.Meter.Read(text);
        return body(interpreter, target, parameters is ["*"] ? arguments : arguments.Bind(parameters));
    }
}
