using System.Text.Json.Serialization;

namespace Reverie.Serving;

/// <summary>The models that can be asked for.</summary>
internal sealed record ModelList(IReadOnlyList<ModelPart> Data)
{
    /// <summary>list.</summary>
    public string Object => "list";
}

/// <summary>A model, or a model with an adapter.</summary>
internal sealed record ModelPart(string Id, long Created, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Parent, bool Loaded)
{
    /// <summary>model.</summary>
    public string Object => "model";

    /// <summary>Who made it, as far as this server can tell.</summary>
    public string OwnedBy => "reverie";

    /// <summary>What Anthropic's clients look for.</summary>
    public string Type => "model";

    /// <summary>What Anthropic's clients show.</summary>
    public string DisplayName => Id;
}
