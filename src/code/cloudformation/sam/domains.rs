//! `Domain`: names of one's own for an API.

use super::{
    Pen, Sam, Source, Tree,
    pen::{hashable, hashed},
};

impl Sam<'_, '_> {
    pub(super) fn rest_domain(&mut self, source: &Source, stage: &str) {
        let Some(domain) = source.get("Domain") else { return };
        let (pen, id) = (Pen(&domain.place), &source.id);
        let resolved = self.resolved(domain);
        let Some(name) = resolved.get("DomainName").cloned() else {
            return self.unfollowed(id, "Domain", &domain.place);
        };
        let kind = resolved.get("EndpointConfiguration").cloned().unwrap_or_else(|| pen.text("REGIONAL"));
        if kind.is_text("PRIVATE") || resolved.get("Route53").is_some() {
            self.unfollowed(id, "Domain (its records, and private ones)", &domain.place);
        }
        let domain_id = hashed("ApiGatewayDomainName", &hashable(&name));
        let certificate = if kind.is_text("EDGE") { "CertificateArn" } else { "RegionalCertificateArn" };
        let mut properties =
            pen.map([("DomainName", name.clone()), ("EndpointConfiguration", pen.map([("Types", pen.list([kind]))]))]);
        for (from, to) in [
            ("CertificateArn", certificate),
            ("SecurityPolicy", "SecurityPolicy"),
            ("MutualTlsAuthentication", "MutualTlsAuthentication"),
        ] {
            if let Some(value) = resolved.get(from) {
                properties.set(to, value.clone());
            }
        }
        self.add(&domain_id, "AWS::ApiGateway::DomainName", properties, source);
        let mapping = |path: Option<Tree>| {
            let mut mapping = pen.map([
                ("DomainName", pen.reference(&domain_id)),
                ("RestApiId", pen.reference(id)),
                ("Stage", pen.reference(stage)),
            ]);
            if let Some(path) = path {
                mapping.set("BasePath", path);
            }
            mapping
        };
        let paths = resolved.get("BasePath").map(Tree::one_or_more).unwrap_or_default();
        if paths.is_empty() {
            self.add(&format!("{id}BasePathMapping"), "AWS::ApiGateway::BasePathMapping", mapping(None), source);
        }
        for path in paths {
            let text = path.as_text().map_or("", |text| text);
            let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
            let value = if text == "/" { None } else { Some(Tree::text(text.trim_matches('/'), &path.place)) };
            let name = if text == "/" { "/".to_owned() } else { plain };
            self.add(&format!("{id}{name}BasePathMapping"), "AWS::ApiGateway::BasePathMapping", mapping(value), source);
        }
    }

    pub(super) fn http_domain(&mut self, source: &Source, stage: &str) {
        let Some(domain) = source.get("Domain") else { return };
        let (pen, id) = (Pen(&domain.place), &source.id);
        let resolved = self.resolved(domain);
        let Some(name) = resolved.get("DomainName").cloned() else {
            return self.unfollowed(id, "Domain", &domain.place);
        };
        if resolved.get("Route53").is_some() {
            self.unfollowed(id, "Domain (its records)", &domain.place);
        }
        let domain_id = hashed("ApiGatewayDomainNameV2", &hashable(&name));
        let kind = resolved.get("EndpointConfiguration").cloned().unwrap_or_else(|| pen.text("REGIONAL"));
        let mut config = pen.map([("EndpointType", kind)]);
        for name in ["CertificateArn", "SecurityPolicy"] {
            if let Some(value) = resolved.get(name) {
                config.set(name, value.clone());
            }
        }
        let mut properties = pen.map([("DomainName", name), ("DomainNameConfigurations", pen.list([config]))]);
        if let Some(tls) = resolved.get("MutualTlsAuthentication") {
            properties.set("MutualTlsAuthentication", tls.clone());
        }
        self.add(&domain_id, "AWS::ApiGatewayV2::DomainName", properties, source);
        let mapping = pen.map([
            ("ApiId", pen.reference(id)),
            ("DomainName", pen.reference(&domain_id)),
            ("Stage", pen.reference(stage)),
        ]);
        let paths = resolved.get("BasePath").map(Tree::one_or_more).unwrap_or_default();
        if paths.is_empty() {
            self.add(&format!("{id}ApiMapping"), "AWS::ApiGatewayV2::ApiMapping", mapping.clone(), source);
        }
        for path in paths {
            let text = path.as_text().map_or("", |text| text);
            let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
            let mut mapping = mapping.clone();
            if text != "/" {
                mapping.set("ApiMappingKey", Tree::text(text.trim_matches('/'), &path.place));
            }
            let name = if text == "/" { "/".to_owned() } else { plain };
            self.add(&format!("{id}{name}ApiMapping"), "AWS::ApiGatewayV2::ApiMapping", mapping, source);
        }
    }
}
