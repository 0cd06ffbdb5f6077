namespace Reverie.Tensors;

/// <summary>
/// A failure that a person can act on. Its message is one line that says what is wrong and what to do;
/// the command line prints it as it is and ends with exit code 1.
/// </summary>
public class ReverieException : Exception
{
    /// <summary>Creates a failure with a one-line message.</summary>
    public ReverieException(string message) : base(message) { }

    /// <summary>Creates a failure with a one-line message and the exception that caused it.</summary>
    public ReverieException(string message, Exception inner) : base(message, inner) { }
}
