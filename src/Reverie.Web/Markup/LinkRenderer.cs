using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax.Inlines;

namespace Reverie.Web;

/// <summary>
/// Writes links only to the web and to mail, and never as a picture: a picture's address, made up by a model from what it read, would tell
/// a stranger what was read without a click.
/// </summary>
internal sealed class LinkRenderer : HtmlObjectRenderer<LinkInline>
{
    /// <summary>Whether a link may lead there.</summary>
    public static bool IsSafe(string? url) => Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" or "mailto" && url!.AsSpan().IndexOfAny("\t\n\r ") < 0;

    /// <summary>Writes what opens a link; nothing where it may not lead there.</summary>
    /// <returns>Whether it was opened.</returns>
    public static bool Open(HtmlRenderer renderer, string? url)
    {
        if (!IsSafe(url)) return false;
        renderer.Write("<a href=\"").WriteEscapeUrl(url).Write("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">");
        return true;
    }

    /// <inheritdoc/>
    protected override void Write(HtmlRenderer renderer, LinkInline link)
    {
        string? url = link.GetDynamicUrl?.Invoke() ?? link.Url;
        bool open = Open(renderer, url);
        if (link.IsImage) renderer.Write("Picture: ");
        if (link.FirstChild is null) renderer.WriteEscape(url);
        else renderer.WriteChildren(link);
        if (open) renderer.Write("</a>");
    }
}

/// <summary>The same for addresses in angle brackets.</summary>
internal sealed class AutolinkRenderer : HtmlObjectRenderer<AutolinkInline>
{
    /// <inheritdoc/>
    protected override void Write(HtmlRenderer renderer, AutolinkInline link)
    {
        bool open = LinkRenderer.Open(renderer, link.IsEmail ? "mailto:" + link.Url : link.Url);
        renderer.WriteEscape(link.Url);
        if (open) renderer.Write("</a>");
    }
}
