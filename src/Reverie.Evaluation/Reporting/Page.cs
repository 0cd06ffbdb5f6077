using System.Reflection;

namespace Reverie.Evaluation;

/// <summary>What all pages share: the frame, sections with their place in the contents, tables.</summary>
internal static class Page
{
    private static readonly string _style = ReadStyle();

    /// <summary>A whole page. It needs nothing from elsewhere, and its policy forbids a browser to fetch or run anything.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="lead">What stands below it.</param>
    /// <param name="sections">Its sections; null or empty ones are left out.</param>
    public static string Of(string title, Html lead, IEnumerable<Section?> sections)
    {
        Section[] shown = [.. sections.OfType<Section>().Where(s => !s.Content.IsEmpty)];
        Html page = $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,">
            <title>{title}</title>
            <style>
            {Style()}
            </style>
            </head>
            <body>
            <header><h1>{title}</h1>
            {lead}
            <nav aria-label="Contents">{shown.Select(s => (Html)$"""<a href="#{s.Id}">{s.Title}</a> """)}</nav></header>
            <main>
            {shown.Select(s => (Html)$"""
            <section id="{s.Id}" aria-labelledby="{s.Id}-title"><h2 id="{s.Id}-title">{s.Title}</h2>
            {s.Content}</section>

            """)}</main>
            <footer>Made by Reverie from the files of the run. Intervals are 95%.</footer>
            </body>
            </html>

            """;
        return page.ToString();
    }

    /// <summary>A table. Columns after the first hold numbers unless their heading begins with a space.</summary>
    public static Html Table(string caption, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows) => $"""
        <div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>
        <thead><tr>{heads.Select((h, i) => (Html)$"""<th scope="col"{Align(heads, i)}>{h.Trim()}</th>""")}</tr></thead>
        <tbody>{rows.Select(r => (Html)$"""<tr>{r.Select((cell, i) => i == 0 ? (Html)$"""<th scope="row">{cell}</th>""" : $"""<td{Align(heads, i)}>{cell}</td>""")}</tr>{"\n"}""")}</tbody></table></div>

        """;

    /// <summary>Names with their values.</summary>
    public static Html Pairs(IEnumerable<(string Name, string Value)> pairs) =>
        $"""<dl>{pairs.Select(p => (Html)$"""<div><dt>{p.Name}</dt><dd>{p.Value}</dd></div>""")}</dl>{"\n"}""";

    /// <summary>Figures side by side, as many as fit.</summary>
    public static Html Figures(IEnumerable<Html> figures)
    {
        Html[] all = [.. figures];
        return all.Length == 0 ? Html.Empty : $"""<div class="figures">{all}</div>{"\n"}""";
    }

    private static Html Align(IReadOnlyList<string> heads, int column) => column > 0 && heads[column].Length > 0 && heads[column][0] != ' ' ? (Html)$" class=\"n\"" : Html.Empty;

    private static Html Style()
    {
        var style = new Html(_style.Length, 0);
        style.AppendLiteral(_style);
        return style;
    }

    private static string ReadStyle()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("report.css")!);
        return reader.ReadToEnd().TrimEnd();
    }
}

/// <summary>A section of a page.</summary>
/// <param name="Id">Its anchor.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Content">What it shows.</param>
internal sealed record Section(string Id, string Title, Html Content);
