using System.Net;
using Ganss.Xss;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace Reverie.Web;

/// <summary>
/// Turns what a model wrote into markup that cannot do anything: Markdown without raw HTML, whose output passes a list of allowed
/// elements, attributes and addresses all the same. Nothing is fetched from elsewhere: pictures become links.
/// </summary>
internal static class MarkdownText
{
    private const int LongestSource = 400_000;

    private static readonly MarkdownPipeline _pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseTaskLists().UseAutoLinks().UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough).Build();

    // Its settings are never changed after this and a call keeps its state to itself.
    private static readonly HtmlSanitizer _sanitizer = CreateSanitizer();

    /// <summary>The markup of a text, one piece for each block at its top, so that a growing text changes only its last pieces.</summary>
    /// <param name="source">What was written.</param>
    /// <param name="earlier">The pieces of an earlier state of the text by their source; those that are still the same are taken from there.</param>
    public static IReadOnlyList<MarkdownBlock> Render(string source, IReadOnlyList<MarkdownBlock>? earlier = null)
    {
        if (source.Length > LongestSource) return [Plain(source)];
        try
        {
            MarkdownDocument document = Markdig.Markdown.Parse(source, _pipeline);
            var blocks = new List<MarkdownBlock>(document.Count);
            foreach (Block block in document)
            {
                if (block is LinkReferenceDefinitionGroup) continue;
                string text = source[Math.Clamp(block.Span.Start, 0, source.Length)..Math.Clamp(block.Span.End + 1, 0, source.Length)];
                MarkdownBlock? known = earlier is not null && blocks.Count < earlier.Count && earlier[blocks.Count].Source == text ? earlier[blocks.Count] : null;
                blocks.Add(known ?? new MarkdownBlock(text, Render(block)));
            }

            return blocks;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException)
        {
            // Nested too deeply, or a text the parser cannot take: it is shown as it is.
            return [Plain(source)];
        }
    }

    /// <summary>Removes everything that is not on the list.</summary>
    public static string Sanitize(string markup) => _sanitizer.Sanitize(markup);

    private static MarkdownBlock Plain(string source) => new(source, $"<p class=\"plain\">{WebUtility.HtmlEncode(source)}</p>");

    private static string Render(Block block)
    {
        Tame(block);
        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        _pipeline.Setup(renderer);
        renderer.ObjectRenderers.ReplaceOrAdd<CodeBlockRenderer>(new CodeRenderer());
        renderer.ObjectRenderers.ReplaceOrAdd<Markdig.Extensions.TaskLists.HtmlTaskListRenderer>(new TaskRenderer());
        renderer.ObjectRenderers.ReplaceOrAdd<Markdig.Renderers.Html.Inlines.LinkInlineRenderer>(new LinkRenderer());
        renderer.ObjectRenderers.ReplaceOrAdd<Markdig.Renderers.Html.Inlines.AutolinkInlineRenderer>(new AutolinkRenderer());
        renderer.Render(block);
        writer.Flush();
        return _sanitizer.Sanitize(writer.ToString());
    }

    /// <summary>Headings go below the page's own; the alignment of cells becomes a class, because the page allows no styles of others.</summary>
    private static void Tame(Block block)
    {
        foreach (MarkdownObject item in block.Descendants().Prepend(block))
        {
            if (item is HeadingBlock heading) heading.Level = Math.Min(6, heading.Level + 2);
            if (item is not Table table) continue;
            foreach (TableRow row in table.OfType<TableRow>())
            {
                for (int i = 0; i < row.Count && i < table.ColumnDefinitions.Count; i++)
                {
                    if (table.ColumnDefinitions[i].Alignment is { } side) row[i].GetAttributes().AddClass(side switch { TableColumnAlign.Right => "right", TableColumnAlign.Center => "center", _ => "left" });
                }
            }

            foreach (TableColumnDefinition column in table.ColumnDefinitions) column.Alignment = null;
        }
    }

    private static HtmlSanitizer CreateSanitizer()
    {
        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "h3", "h4", "h5", "h6", "hr", "a", "span", "div", "button" },
            AllowedAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href", "rel", "target", "class", "start", "type", "role", "aria-label", "data-copy" },
            AllowedSchemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "http", "https", "mailto" },
            UriAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href" },
            AllowedClasses = new HashSet<string>(StringComparer.Ordinal) { "code", "code-head", "plain", "left", "right", "center", "task", "task-list-item", "contains-task-list", "k", "s", "c", "n", "f", "t", "add", "del" },
        });
        // What an element that is not allowed holds is kept as text elsewhere; here nothing of it is.
        sanitizer.KeepChildNodes = false;
        sanitizer.PostProcessNode += (_, e) =>
        {
            // Buttons only of the shape that the renderer writes.
            if (e.Node is not AngleSharp.Dom.IElement element) return;
            if (element.LocalName == "button" && !element.HasAttribute("data-copy")) element.Remove();
            else if (element.LocalName == "a")
            {
                element.SetAttribute("rel", "noopener noreferrer nofollow");
                element.SetAttribute("target", "_blank");
            }
        };
        return sanitizer;
    }
}

/// <summary>A block at the top of a text.</summary>
/// <param name="Source">What was written.</param>
/// <param name="Markup">What is shown.</param>
internal sealed record MarkdownBlock(string Source, string Markup);
