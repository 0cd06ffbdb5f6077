using Microsoft.AspNetCore.Components;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Web.Components;

/// <summary>What all pages and parts share: the journal in the user's name, and errors that are said instead of ending the page.</summary>
public abstract class PageBase : ComponentBase
{
    [Inject]
    internal IJournal Journal { get; set; } = null!;

    [Inject]
    internal PageUser User { get; set; } = null!;

    [Inject]
    internal PageState State { get; set; } = null!;

    /// <summary>Does what may fail for a reason that the user should read.</summary>
    /// <param name="action">What to do; it is given the user.</param>
    protected async Task TryAsync(Func<string, Task> action)
    {
        try
        {
            await action(await User.GetAsync());
        }
        catch (ReverieException e)
        {
            State.Note(e.Message);
        }

        // Parts call back as plain functions, after which nobody else would show what changed.
        StateHasChanged();
    }
}
