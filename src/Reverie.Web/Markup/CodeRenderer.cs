using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace Reverie.Web;

/// <summary>Code with its language, a button to copy it, and colours.</summary>
internal sealed class CodeRenderer : HtmlObjectRenderer<CodeBlock>
{
    private const int LongestName = 24;

    /// <inheritdoc/>
    protected override void Write(HtmlRenderer renderer, CodeBlock block)
    {
        string info = (block as FencedCodeBlock)?.Info ?? "";
        string name = info.Length <= LongestName ? info : info[..LongestName];
        renderer.Write("<div class=\"code\"><div class=\"code-head\"><span>").WriteEscape(name.Length == 0 ? "text" : name).Write("</span><button type=\"button\" data-copy>Copy</button></div><pre><code>");
        foreach (CodeToken token in CodeHighlighter.Split(block.Lines.ToString(), name))
        {
            if (token.Class is null)
            {
                renderer.WriteEscape(token.Text);
                continue;
            }

            renderer.Write("<span class=\"").Write(token.Class).Write("\">").WriteEscape(token.Text).Write("</span>");
        }

        renderer.Write("</code></pre></div>");
    }
}

/// <summary>A task of a list as a sign that cannot be clicked.</summary>
internal sealed class TaskRenderer : HtmlObjectRenderer<Markdig.Extensions.TaskLists.TaskList>
{
    /// <inheritdoc/>
    protected override void Write(HtmlRenderer renderer, Markdig.Extensions.TaskLists.TaskList task) =>
        renderer.Write(task.Checked ? "<span class=\"task\" role=\"img\" aria-label=\"done\">☑</span>" : "<span class=\"task\" role=\"img\" aria-label=\"to do\">☐</span>");
}
