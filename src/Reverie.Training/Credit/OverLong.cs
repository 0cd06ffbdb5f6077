using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>What becomes of traces that were cut off because they were too long.</summary>
public enum OverLong
{
    /// <summary>The reward is what the world had given until then.</summary>
    Keep,

    /// <summary>The reward is 0.</summary>
    NoReward,

    /// <summary>
    /// The reward is 0 less a penalty that begins before the limit (arXiv 2503.14476, eq. 13): with n tokens of the actor and a margin of
    /// a fifth of L_max, 0 up to L_max - margin, then <c>(L_max - margin - n) / margin</c>, and -1 at L_max and for every trace that was cut off.
    /// </summary>
    Penalty,

    /// <summary>The trace is neither learned from nor compared with.</summary>
    LeaveOut,
}

/// <summary>The rules for traces that are too long.</summary>
internal static class OverLongRules
{
    /// <summary>The reward that counts; null for a trace that is left out.</summary>
    public static double? Judge(this OverLong rule, CreditedTrace trace, double reward, int maxTokens)
    {
        bool isCut = trace.Trace.Stop == TraceStop.Truncated;
        if (rule == OverLong.Penalty)
        {
            double margin = Math.Max(maxTokens / 5.0, 1);
            return isCut ? -1 : reward + Math.Clamp((maxTokens - margin - trace.ActorTokens.Length) / margin, -1, 0);
        }

        return !isCut || rule == OverLong.Keep ? reward : rule == OverLong.NoReward ? 0 : null;
    }
}
