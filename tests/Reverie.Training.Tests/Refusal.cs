using Reverie.Tensors;

namespace Reverie.Training.Tests;

/// <summary>Bad input gives one clear line.</summary>
internal static class Refusal
{
    public static string Of(Action action)
    {
        string message = Assert.Throws<ReverieException>(action).Message;
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain('\r', message);
        return message;
    }
}
