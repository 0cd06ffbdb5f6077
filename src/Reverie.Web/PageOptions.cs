using Microsoft.Extensions.AI;

namespace Reverie.Web;

/// <summary>What the page needs to know of the server it is part of.</summary>
public sealed record PageOptions
{
    /// <summary>The workspace whose runs the training page shows; null for none.</summary>
    public string? Workspace { get; init; }

    /// <summary>Finds the user to whom an API key belongs; null where no keys are asked for and everybody is <see cref="LocalUser"/>.</summary>
    public Func<string, string?>? FindUser { get; init; }

    /// <summary>Whether keys are asked for now, where that can change while the server runs; null for always where <see cref="FindUser"/> is set.</summary>
    public Func<bool>? RequiresKey { get; init; }

    /// <summary>Functions that the model may call in the page's chats; the user can turn each off.</summary>
    public IReadOnlyList<AITool> Tools { get; init; } = [];

    /// <summary>Circuits of browsers that went away which are kept for their return.</summary>
    public int DisconnectedCircuits { get; init; } = 16;

    /// <summary>How long a tab is hidden before its page gives its circuit back.</summary>
    public TimeSpan PauseAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a page that was paused, or whose connection was lost, finds its place again; later it is loaded anew.</summary>
    internal static readonly TimeSpan KeptPauses = TimeSpan.FromDays(1);

    /// <summary>Who everybody is where no keys are asked for.</summary>
    public const string LocalUser = "local";

    /// <summary>Whether users sign in.</summary>
    internal bool SignsIn => FindUser is not null && (RequiresKey?.Invoke() ?? true);
}
