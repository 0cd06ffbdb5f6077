using System.Text.Json;

namespace Reverie.Sleep;

/// <summary>What one night made of a model for one person: a version of her adapter, which never changes.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Number">1, 2, 3, ...; never given again.</param>
/// <param name="Folder">The adapter, with what else the night left there.</param>
/// <param name="BaseId">The <see cref="Models.Lineage.Id"/> of the model that it was made for.</param>
/// <param name="AdapterHash">The adapter's own <see cref="Models.Lineage.Id"/>: the hash of its weights and settings.</param>
/// <param name="Beneath">The same of the company's adapter that it stands on; null for the model alone.</param>
/// <param name="Created">When it was made, UTC.</param>
/// <param name="IsCurrent">Whether the model wears it now.</param>
/// <param name="IsPinned">Whether it goes on doing so whatever later nights make.</param>
public sealed record Morning(string Owner, int Number, string Folder, string BaseId, string AdapterHash, string? Beneath, DateTime Created, bool IsCurrent, bool IsPinned)
{
    /// <summary>The night's report in the folder.</summary>
    public const string ReportFileName = "report.json";

    /// <summary>What the gates said, as the report has it under <c>verdict</c>; null where there is no report that says so.</summary>
    public string? ReadVerdict()
    {
        try
        {
            using var report = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, ReportFileName)));
            return report.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("verdict", out JsonElement verdict) && verdict.ValueKind is JsonValueKind.String ? verdict.GetString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            // The morning serves without it.
            return null;
        }
    }
}
